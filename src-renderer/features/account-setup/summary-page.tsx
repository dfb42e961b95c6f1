import { useState } from 'react';
import { endpointName } from '#shared/mail/endpoint.ts';
import { folder } from '#shared/mail/folder.ts';
import type { Retention } from '#shared/mail/incoming-account.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useServers } from '../../projection/settings-parts.ts';
import { useAppInfo } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { showToast } from '../../ui/index.ts';
import { type Answers, accountInputOf, serverInputOf } from './answers.ts';
import { storeSetup } from './finish.ts';
import { PageFrame } from './page-frame.tsx';
import { remember, resetWizard, useWizard } from './wizard-state.ts';

/** In sentences what will happen, to mail on the server above all; then it is stored. */
export function SummaryPage() {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const answers = useWizard((state) => state.answers);
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const sentences = useSentences(answers);

  async function finish(): Promise<void> {
    const { accountId } = await storeSetup(api, answers, useWizard.getState().stored, remember);
    if (accountId !== null) await api.call('collect.start', { accountIds: [accountId] });
    showToast({ text: t('account-setup.done', { address: answers.address.trim() }) });
    open({ kind: 'mail', folder: folder.inbox });
    resetWizard();
  }
  return (
    <PageFrame
      title={t('account-setup.summary.title')}
      nextLabel={answers.purpose === 'send-only' ? t('account-setup.finish.sendOnly') : t('account-setup.finish')}
      isPending={isSaving}
      onNext={() => {
        setSaving(true);
        setError(null);
        finish()
          .catch(setError)
          .finally(() => setSaving(false));
      }}
    >
      <ul className="wizard-sentences">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <FormError error={error} />
    </PageFrame>
  );
}

function useSentences(answers: Answers): string[] {
  const info = useAppInfo((state) => state.info);
  const servers = useServers();
  const account = accountInputOf(answers);
  const address = answers.address.trim();
  const sentences: string[] = [];
  if (account === null) sentences.push(t('account-setup.summary.send-only'));
  else {
    sentences.push(t('account-setup.summary.collect', { address, server: endpointName(account) }));
    sentences.push(t('account-setup.summary.keep', { folder: info?.mailFolder ?? '' }));
    sentences.push(retentionInWords(answers.incoming.retention));
  }
  const existing = answers.existingServerIds.map((id) => servers.find((server) => server.id === id)?.label ?? '');
  sentences.push(leavingInWords(answers, existing));
  sentences.push(t('account-setup.summary.passwords', { where: info?.secretsKeptIn ?? '' }));
  return sentences;
}

function retentionInWords(retention: Retention): string {
  return retention.kind === 'leave-days'
    ? t('account-setup.summary.leave-days', { count: retention.days })
    : t(`account-setup.summary.${retention.kind}`);
}

function leavingInWords(answers: Answers, existing: readonly string[]): string {
  if (answers.purpose === 'receive-only') return t('account-setup.summary.receive-only');
  const added = answers.outgoing.flatMap((server) => serverInputOf(answers, server)?.label ?? []);
  const labels = [...existing, ...added];
  const address = answers.address.trim();
  if (labels.length > 1) return t('account-setup.summary.by-several', { address, servers: labels.join(', ') });
  const server = labels[0] ?? '';
  return answers.proposal?.isBigProvider === true
    ? t('account-setup.summary.by-only', { address, server })
    : t('account-setup.summary.by-one', { address, server });
}
