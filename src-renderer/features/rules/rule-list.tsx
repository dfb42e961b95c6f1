import { GripVertical, Pencil, TriangleAlert, X } from 'lucide-react';
import { Button as AriaButton, GridList, GridListItem, useDragAndDrop } from 'react-aria-components';
import type { RuleId } from '#shared/ids.ts';
import type { Rule } from '#shared/mail/rule.ts';
import { t } from '../../i18n/index.ts';
import { useIdentities } from '../../projection/settings-parts.ts';
import { useFolders } from '../../projection/stores.ts';
import { Icon, IconButton, Switch } from '../../ui/index.ts';
import { goneNames, goneSentences, ruleSentence } from './rule-words.ts';
import type { ToldProblem } from './use-problems.ts';

export interface RuleListProps {
  rules: readonly Rule[];
  /** What each could not do lately. */
  problems: readonly ToldProblem[];
  onEdit: (id: RuleId) => void;
  onEnable: (rule: Rule, isEnabled: boolean) => void;
  onRemove: (rule: Rule) => void;
  onReorder: (ids: RuleId[]) => void;
}

/** The rules in their order; the handle moves one by mouse and by keys. */
export function RuleList({ rules, problems, onEdit, onEnable, onRemove, onReorder }: RuleListProps) {
  const identities = useIdentities();
  const { folders, isLoaded } = useFolders();
  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) => [...keys].map((key) => ({ 'text/plain': String(key) })),
    onReorder: ({ keys, target }) => {
      const kept = rules.map(({ id }) => id).filter((id) => !keys.has(id));
      const moved = rules.map(({ id }) => id).filter((id) => keys.has(id));
      const at = kept.map(String).indexOf(String(target.key)) + (target.dropPosition === 'after' ? 1 : 0);
      onReorder([...kept.slice(0, at), ...moved, ...kept.slice(at)]);
    },
  });
  const edit = (key: unknown): void => {
    const rule = rules.find(({ id }) => id === key);
    if (rule !== undefined) onEdit(rule.id);
  };
  return (
    <GridList
      aria-label={t('rules.list')}
      className="rules-list"
      selectionMode="single"
      selectedKeys={[]}
      onAction={edit}
      dragAndDropHooks={dragAndDropHooks}
      items={rules.map((rule) => ({
        id: rule.id,
        rule,
        identities,
        failed: problems.filter(({ ruleId }) => ruleId === rule.id).length,
        gone: isLoaded ? goneSentences(goneNames(rule, folders, identities)) : [],
      }))}
    >
      {({ rule, identities: known, failed, gone }) => (
        <GridListItem id={rule.id} textValue={rule.name} className="rules-item">
          <AriaButton slot="drag" className="rules-handle">
            <Icon of={GripVertical} />
          </AriaButton>
          <span className="rules-words">
            <strong className="rules-name">{rule.name}</strong>
            <span className="rules-muted">{ruleSentence(rule, known)}</span>
            {gone.map((words) => (
              <Warning key={words}>{words}</Warning>
            ))}
            {failed > 0 && <Warning>{t('rules.failed', { count: failed })}</Warning>}
          </span>
          <Switch
            aria-label={t('rules.on', { name: rule.name })}
            isSelected={rule.isEnabled}
            onChange={(isEnabled) => onEnable(rule, isEnabled)}
          >
            {null}
          </Switch>
          <IconButton label={t('rules.edit', { name: rule.name })} icon={Pencil} onPress={() => onEdit(rule.id)} />
          <IconButton label={t('rules.remove', { name: rule.name })} icon={X} onPress={() => onRemove(rule)} />
        </GridListItem>
      )}
    </GridList>
  );
}

function Warning({ children }: { children: string }) {
  return (
    <span className="rules-failed" data-state-colour="waiting">
      <Icon of={TriangleAlert} />
      <span>{children}</span>
    </span>
  );
}
