import { Download, Inbox, RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { AccountId } from '#shared/ids.ts';
import type { Job } from '#shared/job.ts';
import type { IncomingAccountView } from '#shared/mail/incoming-account.ts';
import type { RemovedThere } from '#shared/mail/look.ts';
import { useApi } from '../../api.ts';
import { formatSize, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useJobs, useSettings } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, EmptyState, ErrorPanel, ProgressBar, Select, showToast } from '../../ui/index.ts';
import { Page } from '../../ui/page.tsx';
import { DeleteQuestion } from './delete-question.tsx';
import { type Chosen, chosenOf } from './look-model.ts';
import { useLook } from './use-look.ts';
import { WaitingTable } from './waiting-table.tsx';
import './screen.css';

const noAccounts: readonly IncomingAccountView[] = [];

/** What waits on a server, before anything is collected. */
export function LookFirstScreen({ accountId }: { accountId: AccountId | undefined }) {
  const accounts = useSettings((state) => state.settings?.accounts ?? noAccounts);
  const open = useNavigation((state) => state.open);
  const account = accounts.find(({ id }) => id === accountId) ?? accounts[0];
  if (account === undefined)
    return (
      <Page title={t('collecting.look.title')} description={t('collecting.look.description')}>
        <EmptyState
          icon={Inbox}
          title={t('collecting.look.noAccount')}
          text={t('collecting.look.noAccountText')}
          action={<Button onPress={() => open({ kind: 'account-setup' })}>{t('settings.accounts.add')}</Button>}
        />
      </Page>
    );
  return <Looking key={account.id} account={account} accounts={accounts} />;
}

function Looking({ account, accounts }: { account: IncomingAccountView; accounts: readonly IncomingAccountView[] }) {
  const open = useNavigation((state) => state.open);
  const { look, again, more } = useLook(account.id);
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const chosen = chosenOf(look.kind === 'ready' ? look.mail.messages : [], ids);
  const acts = useActs(account.id, () => {
    setIds(new Set());
    again();
  });
  return (
    <Page
      title={t('collecting.look.title')}
      description={t('collecting.look.description')}
      actions={
        <Button icon={RefreshCw} onPress={again} isDisabled={look.kind === 'looking' || acts.isBusy}>
          {t('collecting.look.again')}
        </Button>
      }
    >
      {accounts.length > 1 && (
        <Select
          label={t('collecting.look.account')}
          options={accounts.map(({ id, label }) => ({ value: id, label }))}
          value={account.id}
          onChange={(id) => open({ kind: 'look-first', accountId: id })}
          className="look-account"
        />
      )}
      {look.kind === 'looking' && (
        <ProgressBar label={t('collecting.look.looking')} value={null} max={1} valueText="" />
      )}
      {look.kind === 'failed' && (
        <ErrorPanel
          error={look.error}
          headline={t('collecting.look.failed')}
          action={{ label: t('ui.retry'), onPress: again }}
        />
      )}
      {look.kind === 'ready' && look.rows.length === 0 && (
        <EmptyState icon={Inbox} title={t('collecting.look.none')} text={t('collecting.look.noneText')} />
      )}
      {look.kind === 'ready' && look.rows.length > 0 && (
        <>
          <p className="look-total" role="status">
            {t('collecting.look.total', { count: look.mail.messages.length, size: formatSize(look.mail.octets) })}
            {!look.mail.canShowHeaders && ` ${t('collecting.look.noHeaders')}`}
          </p>
          <WaitingTable rows={look.rows} canShowHeaders={look.mail.canShowHeaders} chosen={ids} onChoose={setIds} />
          {more !== null && <Button onPress={more}>{t('collecting.look.more')}</Button>}
          <Acts chosen={chosen} acts={acts} />
        </>
      )}
      <FormError error={acts.error} />
    </Page>
  );
}

/** What is done with the chosen ones; it stays in view while the list is scrolled. */
function Acts({ chosen, acts }: { chosen: Chosen; acts: ReturnType<typeof useActs> }) {
  const [isAsking, setAsking] = useState(false);
  const count = chosen.uniqueIds.length;
  const isIdle = count === 0 || acts.isBusy;
  return (
    <div className="look-acts">
      <span className="look-chosen" role="status">
        {acts.isBusy
          ? t('collecting.look.collecting')
          : count === 0
            ? t('collecting.look.choosing')
            : t('collecting.look.chosen', { count, size: formatSize(chosen.octets) })}
      </span>
      <Button variant="danger" icon={Trash2} isDisabled={isIdle} onPress={() => setAsking(true)}>
        {t('collecting.look.delete')}
      </Button>
      <Button
        variant="primary"
        icon={Download}
        isDisabled={isIdle}
        isPending={acts.isBusy}
        onPress={() => acts.collect(chosen)}
      >
        {t('collecting.look.collect')}
      </Button>
      {isAsking && (
        <DeleteQuestion
          chosen={chosen}
          onClose={() => setAsking(false)}
          onDelete={() => {
            setAsking(false);
            acts.remove(chosen);
          }}
        />
      )}
    </div>
  );
}

function useActs(accountId: AccountId, onDone: () => void) {
  const api = useApi();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = (work: () => Promise<void>): void => {
    setBusy(true);
    setError(null);
    work()
      .then(onDone, setError)
      .finally(() => setBusy(false));
  };
  return {
    isBusy,
    error,
    collect: ({ uniqueIds }: Chosen) =>
      run(async () => {
        const { jobId } = await api.call('look.collect', { accountId, uniqueIds });
        tellCollected(await ended(jobId));
      }),
    remove: ({ uniqueIds, lost }: Chosen) =>
      run(async () => tellRemoved(await api.call('look.remove', { accountId, uniqueIds, evenIfNotHere: lost > 0 }))),
  };
}

/** Resolves with a job's last state. */
function ended(jobId: Job['jobId']): Promise<Job['state']> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const state = useJobs.getState().byId[jobId]?.state;
      if (state === undefined || state.kind === 'queued' || state.kind === 'running') return false;
      resolve(state);
      return true;
    };
    if (look()) return;
    const leave = useJobs.subscribe(() => {
      if (look()) leave();
    });
  });
}

function tellCollected(state: Job['state']): void {
  if (state.kind === 'failed') throw state.error;
  if (state.kind !== 'succeeded' || state.summary.kind !== 'collect') return;
  const [account] = state.summary.accounts;
  const problem = account?.error ?? account?.failed[0]?.error;
  if (problem !== undefined) throw problem;
  showToast({ text: t('collecting.look.collected', { count: account?.retrieved ?? 0 }), lastsMs: 5000 });
}

function tellRemoved({ removed, refused }: RemovedThere): void {
  const [first] = refused;
  const lines = [
    t('collecting.look.deleted', { count: removed.length }),
    ...(first === undefined ? [] : [t('collecting.look.refused', { count: refused.length, why: first.why })]),
  ];
  showToast({ text: lines.join(' '), lastsMs: first === undefined ? 5000 : 10_000 });
}
