import { useState } from 'react';
import type { AccountId, JobId } from '#shared/ids.ts';
import type { MailErrorCode, MailErrorData } from '#shared/mail-error.ts';
import { useApi } from '../../api.ts';
import { errorText, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useJobs, useSettings } from '../../projection/stores.ts';
import { Banner, Button } from '../../ui/index.ts';
import { failuresOf, lastCollection } from './standing.ts';

/** What trying again does not cure: the account has to be looked at. */
const needsEditing: ReadonlySet<MailErrorCode> = new Set([
  'EAUTH',
  'EAUTH_SETUP',
  'ENEEDS_PASSWORD',
  'EUNKNOWNHOST',
  'EREFUSED',
  'ENOSTARTTLS',
  'ETLS',
  'ECERT_HOST',
  'ECERT_SELFSIGNED',
  'ECERT_UNTRUSTED',
]);

/** Says in the window why the last collection did not work, account by account, until the next one or until dismissed. */
export function CollectProblems() {
  const last = lastCollection(Object.values(useJobs((state) => state.byId)));
  const [dismissed, setDismissed] = useState<JobId | null>(null);
  if (last === undefined || last.jobId === dismissed) return null;
  return failuresOf(last).map(({ accountId, error }) => (
    <Problem key={accountId} accountId={accountId} error={error} onDismiss={() => setDismissed(last.jobId)} />
  ));
}

function Problem(props: { accountId: AccountId; error: MailErrorData; onDismiss: () => void }) {
  const { accountId, error } = props;
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const account = useSettings((state) => state.settings?.accounts.find(({ id }) => id === accountId)?.label);
  if (account === undefined) return null;
  const { headline, advice } = errorText(error);
  const act = (): void => {
    if (needsEditing.has(error.code)) open({ kind: 'settings', section: 'accounts' });
    else void api.call('collect.start', { accountIds: [accountId] }).catch(() => undefined);
  };
  return (
    <Banner
      level="warning"
      actions={
        <Button size="small" onPress={act}>
          {t(needsEditing.has(error.code) ? 'status.collectEdit' : 'ui.retry')}
        </Button>
      }
      onDismiss={props.onDismiss}
    >
      <strong>{t('status.collectError', { account })}.</strong> {headline}. {advice}
    </Banner>
  );
}
