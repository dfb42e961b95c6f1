import { Trash2 } from 'lucide-react';
import { t } from '../../i18n/index.ts';
import { toEndpointForm } from '../../ui/endpoints/endpoint-form.ts';
import { EndpointList } from '../../ui/endpoints/endpoint-list.tsx';
import { Card, IconButton, Select, TextField } from '../../ui/index.ts';
import { type Answers, type OutgoingAnswers, otherHosts, problemsOfServer, shares } from './answers.ts';
import { OtherHosts } from './other-hosts.tsx';

export interface OutgoingServerFieldsProps {
  number: number;
  server: OutgoingAnswers;
  answers: Answers;
  onChange: (patch: Partial<OutgoingAnswers>) => void;
  onRemove: (() => void) | undefined;
  showsProblems: boolean;
}

type SignIn = 'shared' | 'own' | 'none';

/** One outgoing server in the wizard. */
export function OutgoingServerFields(props: OutgoingServerFieldsProps) {
  const { number, server, answers, onChange, onRemove, showsProblems } = props;
  const title = t('account-setup.outgoing.server', { number });
  const others = otherHosts(answers.proposal?.outgoing ?? [], server.endpoints[0]?.host ?? '');
  return (
    <Card className="wizard-server">
      <div className="wizard-server-head">
        <h2>{title}</h2>
        {onRemove !== undefined && (
          <IconButton label={t('account-setup.outgoing.remove')} icon={Trash2} onPress={onRemove} />
        )}
      </div>
      <EndpointList
        endpoints={server.endpoints}
        onChange={(endpoints) => onChange({ endpoints })}
        showsProblems={showsProblems}
      />
      {number === 1 && (
        <OtherHosts endpoints={others} onChoose={(endpoint) => onChange({ endpoints: [toEndpointForm(endpoint)] })} />
      )}
      <div className="wizard-pair">
        <TextField
          label={t('account-setup.outgoing.label')}
          description={t('account-setup.outgoing.label.meaning')}
          value={server.label}
          onChange={(label) => onChange({ label })}
          placeholder={server.endpoints[0]?.host}
        />
        <SignInSelect server={server} answers={answers} onChange={onChange} />
      </div>
      <SignInFields server={server} answers={answers} onChange={onChange} showsProblems={showsProblems} />
    </Card>
  );
}

type FieldProps = Pick<OutgoingServerFieldsProps, 'server' | 'answers' | 'onChange'>;

function SignInSelect({ server, answers, onChange }: FieldProps) {
  const value: SignIn = server.method === 'none' ? 'none' : shares(answers, server) ? 'shared' : 'own';
  const offered: readonly SignIn[] = answers.purpose === 'both' ? ['shared', 'own', 'none'] : ['own', 'none'];
  return (
    <Select
      label={t('account-setup.outgoing.signIn')}
      options={offered.map((one) => ({ value: one, label: t(`account-setup.outgoing.signIn.${one}`) }))}
      value={value}
      onChange={(chosen) =>
        onChange({ method: chosen === 'none' ? 'none' : 'auto', sharesIncoming: chosen === 'shared' })
      }
    />
  );
}

function SignInFields({ server, answers, onChange, showsProblems }: FieldProps & { showsProblems: boolean }) {
  if (server.method === 'none' || shares(answers, server)) return null;
  const isUserMissing = showsProblems && problemsOfServer(answers, server).includes('user-missing');
  return (
    <div className="wizard-pair">
      <TextField
        label={t('account-setup.user')}
        value={server.user}
        onChange={(user) => onChange({ user })}
        error={isUserMissing ? t('account-setup.problem.user-missing') : null}
        autoComplete="off"
        spellCheck="false"
      />
      <TextField
        label={t('account-setup.password')}
        type="password"
        value={server.password}
        onChange={(password) => onChange({ password })}
        autoComplete="new-password"
      />
    </div>
  );
}
