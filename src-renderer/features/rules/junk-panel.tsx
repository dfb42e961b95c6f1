import { useCallback, useEffect, useState } from 'react';
import type { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { JunkStatus, JunkVerdict } from '#shared/mail/rule.ts';
import { afterQuiet } from '../../after-quiet.ts';
import { useApi } from '../../api.ts';
import { formatNumber, t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Dialog, Section, Select, Switch } from '../../ui/index.ts';
import { JunkReasons } from '../../ui/junk-reasons.tsx';

const thresholds = ['0.8', '0.95', '0.99'] as const;
const shownMessages = 20;

/** What the junk filter has learnt, how careful it is, and why it took a message for junk. */
export function JunkPanel() {
  const api = useApi();
  const [status, setStatus] = useState<JunkStatus | null>(null);
  const [rows, setRows] = useState<readonly MessageSummary[]>([]);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(async (): Promise<void> => {
    setStatus(await api.call('junk.status', {}));
    setRows((await api.call('message.list', { folder: folder.junk, limit: shownMessages })).rows);
  }, [api]);
  useEffect(() => {
    const again = afterQuiet(() => void load().catch(setError));
    again.now();
    const stops = [api.on('store.changed', again.soon), api.on('junk.learnt', again.soon), again.stop];
    return () => {
      for (const stop of stops) stop();
    };
  }, [api, load]);
  const act = (work: Promise<unknown>): void => {
    setError(null);
    work.then(load).catch(setError);
  };
  if (status === null) return <FormError error={error} />;
  return (
    <div className="rules-panels">
      <FormError error={error} />
      <Switch
        isSelected={status.isEnabled}
        onChange={(isEnabled) => act(api.call('junk.set', { patch: { isEnabled } }))}
        description={t('rules.junk.on.text')}
      >
        {t('rules.junk.on')}
      </Switch>
      <p role="status">{learntWords(status)}</p>
      <Select
        label={t('rules.junk.threshold')}
        description={t('rules.junk.threshold.text')}
        options={thresholds.map((value) => ({ value, label: t(`rules.junk.threshold.${value}`) }))}
        value={nearest(status.threshold)}
        onChange={(value) => act(api.call('junk.set', { patch: { threshold: Number(value) } }))}
      />
      <Section title={t('rules.junk.last')} description={t('rules.junk.last.text')}>
        {rows.length === 0 && <p className="rules-muted">{t('rules.junk.last.none')}</p>}
        <JunkList
          rows={rows}
          onGood={(messageKey) => act(api.call('junk.mark', { messageKeys: [messageKey], isJunk: false }))}
        />
      </Section>
      {status.junk + status.good > 0 && <Forget onForget={() => act(api.call('junk.forget', {}))} />}
    </div>
  );
}

function learntWords({ junk, good, needed, isReady, isEnabled }: JunkStatus): string {
  const learnt = t('rules.junk.learnt', { junk: formatNumber(junk), good: formatNumber(good) });
  if (isReady) return `${learnt} ${t('rules.junk.ready')}`;
  return isEnabled ? `${learnt} ${t('rules.junk.needs', { needed: formatNumber(needed) })}` : learnt;
}

function nearest(threshold: number): (typeof thresholds)[number] {
  return thresholds.findLast((value) => Number(value) <= threshold) ?? '0.8';
}

function JunkList({ rows, onGood }: { rows: readonly MessageSummary[]; onGood: (messageKey: MessageKey) => void }) {
  const [asked, setAsked] = useState<MessageKey | null>(null);
  if (rows.length === 0) return null;
  return (
    <ul className="rules-list" aria-label={t('rules.junk.last')}>
      {rows.map(({ messageKey, subject, from }) => (
        <li key={messageKey} className="rules-item rules-wraps">
          <span className="rules-words">
            <bdi className="rules-name">{subject === '' ? t('rules.no-subject') : subject}</bdi>
            <bdi className="rules-muted">{from.displayName === '' ? from.mailbox : from.displayName}</bdi>
          </span>
          <Button
            size="small"
            aria-label={t('rules.junk.why.of', { subject })}
            aria-expanded={asked === messageKey}
            onPress={() => setAsked(asked === messageKey ? null : messageKey)}
          >
            {t('rules.junk.why')}
          </Button>
          <Button size="small" aria-label={t('rules.junk.good.of', { subject })} onPress={() => onGood(messageKey)}>
            {t('rules.junk.good')}
          </Button>
          {asked === messageKey && <Why messageKey={messageKey} />}
        </li>
      ))}
    </ul>
  );
}

function Why({ messageKey }: { messageKey: MessageKey }) {
  const api = useApi();
  const [verdict, setVerdict] = useState<JunkVerdict | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    api.call('junk.explain', { messageKey }).then(setVerdict, setError);
  }, [api, messageKey]);
  if (verdict === null) return <FormError error={error} />;
  return (
    <div className="rules-why" role="status">
      <JunkReasons verdict={verdict} isInJunk mutedClass="rules-muted" />
    </div>
  );
}

function Forget({ onForget }: { onForget: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const forget = (): void => {
    setAsking(false);
    onForget();
  };
  return (
    <div>
      <Button variant="quiet" onPress={() => setAsking(true)}>
        {t('rules.junk.forget')}
      </Button>
      <Dialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={t('rules.junk.forget.title')}
        role="alertdialog"
        size="small"
        actions={
          <>
            <Button onPress={() => setAsking(false)}>{t('ui.cancel')}</Button>
            <Button variant="danger" onPress={forget}>
              {t('rules.junk.forget.act')}
            </Button>
          </>
        }
      >
        <p>{t('rules.junk.forget.text')}</p>
      </Dialog>
    </div>
  );
}
