import { ListFilter, Plus } from 'lucide-react';
import { useState } from 'react';
import type { RuleId } from '#shared/ids.ts';
import type { Rule } from '#shared/mail/rule.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { type RuleLike, useNavigation } from '../../navigation.ts';
import { useRules } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Card, EmptyState, offerUndo, showToast } from '../../ui/index.ts';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { AutoReplyPanel } from './auto-reply-panel.tsx';
import { JunkPanel } from './junk-panel.tsx';
import { Problems } from './problems.tsx';
import { RuleEditor } from './rule-editor.tsx';
import { RuleList } from './rule-list.tsx';
import { Trial } from './trial.tsx';
import { useProblems } from './use-problems.ts';
import './screen.css';

/** What happens by itself to mail that arrives. */
export function RulesScreen({ like = null }: { like?: RuleLike | null }) {
  return (
    <Page title={t('rules.heading')} description={t('rules.description')} width="reading">
      <Tabs
        label={t('rules.heading')}
        tabs={[
          {
            id: 'rules',
            label: t('rules.title'),
            content: (
              <div className="rules-panels">
                <RulesPanel like={like} />
              </div>
            ),
          },
          { id: 'junk', label: t('rules.junk'), content: <JunkPanel /> },
          { id: 'answers', label: t('rules.answers'), content: <AutoReplyPanel /> },
        ]}
      />
    </Page>
  );
}

function RulesPanel({ like }: { like: RuleLike | null }) {
  const api = useApi();
  const rules = useRules();
  const { problems, forget } = useProblems();
  const [editing, setEditing] = useState<RuleId | 'new' | null>(like === null ? null : 'new');
  const open = useNavigation((state) => state.open);
  const [error, setError] = useState<unknown>(null);
  const act = (work: Promise<unknown>): void => {
    setError(null);
    work.catch(setError);
  };
  const edited = rules.find(({ id }) => id === editing) ?? null;
  const remove = (rule: Rule): void => {
    const { id: _, ...input } = rule;
    const before = rules.map(({ id }) => id);
    const putBack = async (): Promise<void> => {
      const { id } = await api.call('rule.add', input);
      await api.call('rule.reorder', { ids: before.map((one) => (one === rule.id ? id : one)) });
    };
    act(
      api
        .call('rule.remove', { id: rule.id })
        .then(() => offerUndo(t('rules.removed', { name: rule.name }), () => act(putBack()))),
    );
  };
  if (editing === 'new' || edited !== null)
    return (
      <Card>
        <RuleEditor
          key={edited?.id ?? 'new'}
          rule={edited}
          like={like}
          // Begun at a message, it ends there.
          onClose={() => {
            if (like === null) setEditing(null);
            else open({ kind: 'mail', folder: like.folder, messageKey: like.messageKey });
          }}
        />
      </Card>
    );
  return (
    <>
      <FormError error={error} />
      {rules.length === 0 ? (
        <EmptyState
          icon={ListFilter}
          title={t('rules.none')}
          text={t('rules.none.text')}
          action={
            <Button variant="primary" icon={Plus} onPress={() => setEditing('new')}>
              {t('rules.add')}
            </Button>
          }
        />
      ) : (
        <>
          <p className="rules-muted">{t('rules.order')}</p>
          <RuleList
            rules={rules}
            problems={problems}
            onEdit={setEditing}
            onEnable={(rule, isEnabled) => act(api.call('rule.set', { id: rule.id, patch: { isEnabled } }))}
            onRemove={remove}
            onReorder={(ids) =>
              act(api.call('rule.reorder', { ids }).then(() => showToast({ text: t('rules.reordered') })))
            }
          />
          <div>
            <Button icon={Plus} onPress={() => setEditing('new')}>
              {t('rules.add')}
            </Button>
          </div>
          <Problems problems={problems} onForget={() => act(forget())} />
          <Trial title={t('rules.try.all')} />
        </>
      )}
    </>
  );
}
