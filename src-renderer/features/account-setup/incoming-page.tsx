import { useState } from 'react';
import { t } from '../../i18n/index.ts';
import { useAppInfo } from '../../projection/stores.ts';
import { EndpointFields } from '../../ui/endpoints/endpoint-fields.tsx';
import { toEndpointForm } from '../../ui/endpoints/endpoint-form.ts';
import { Banner, TextField } from '../../ui/index.ts';
import { RetentionField } from '../../ui/retention-field.tsx';
import { type Answers, type IncomingAnswers, otherHosts, problemsOfIncoming } from './answers.ts';
import { OtherHosts } from './other-hosts.tsx';
import { PageFrame } from './page-frame.tsx';
import { pageAfter } from './wizard-pages.ts';
import { answer, goTo, useWizard } from './wizard-state.ts';

/** Where mail is collected, who signs in, and what becomes of it on the server. */
export function IncomingPage() {
  const answers = useWizard((state) => state.answers);
  const keptIn = useAppInfo((state) => state.info?.secretsKeptIn ?? '');
  const [showsProblems, setShowsProblems] = useState(false);
  const { incoming, proposal } = answers;
  const problems = problemsOfIncoming(answers);
  const change = (patch: Partial<IncomingAnswers>): void =>
    answer((before) => ({ ...before, incoming: { ...before.incoming, ...patch } }));
  const others = otherHosts(proposal?.incoming ?? [], incoming.endpoint.host);
  return (
    <PageFrame
      title={t('account-setup.incoming.title')}
      text={introOf(answers)}
      onNext={() => {
        setShowsProblems(true);
        if (problems.length === 0) goTo(pageAfter('incoming', answers));
      }}
    >
      {proposal?.note !== undefined && (
        <Banner level="info" className="wizard-note">
          {proposal.note}
        </Banner>
      )}
      <EndpointFields
        protocol="pop3"
        form={incoming.endpoint}
        onChange={(endpoint) => change({ endpoint })}
        showsProblems={showsProblems}
        autoFocus={incoming.endpoint.host === ''}
      />
      <OtherHosts endpoints={others} onChoose={(endpoint) => change({ endpoint: toEndpointForm(endpoint) })} />
      <div className="wizard-pair">
        <TextField
          label={t('account-setup.user')}
          value={incoming.user}
          onChange={(user) => change({ user })}
          error={showsProblems && problems.includes('user-missing') ? t('account-setup.problem.user-missing') : null}
          autoComplete="username"
          spellCheck="false"
        />
        <TextField
          label={t('account-setup.password')}
          type="password"
          value={incoming.password}
          onChange={(password) => change({ password })}
          description={
            incoming.password === ''
              ? t('account-setup.password.later')
              : t('account-setup.password.meaning', { where: keptIn })
          }
          autoComplete="current-password"
          autoFocus={incoming.endpoint.host !== ''}
        />
      </div>
      <RetentionField
        retention={incoming.retention}
        onChange={(retention) => change({ retention })}
        error={showsProblems && problems.includes('days-wrong') ? t('account-setup.problem.days-wrong') : null}
      />
    </PageFrame>
  );
}

function introOf({ proposal }: Answers): string {
  if (proposal === null) return t('account-setup.incoming.protocol');
  const found =
    proposal.source === 'provider-table'
      ? t('account-setup.incoming.provider-table', { provider: proposal.providerName ?? proposal.domain })
      : proposal.source === 'dns'
        ? t('account-setup.incoming.dns', { domain: proposal.domain })
        : t('account-setup.incoming.guess');
  return `${found} ${t('account-setup.incoming.protocol')}`;
}
