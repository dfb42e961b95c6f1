import { LockKeyholeOpen } from 'lucide-react';
import type { Security } from '#shared/mail/endpoint.ts';
import { t } from '../../i18n/index.ts';
import { TextField } from '../field.tsx';
import { Icon } from '../icon.tsx';
import { Select } from '../select.tsx';
import {
  type EndpointForm,
  type EndpointProblem,
  type EndpointProtocol,
  problemsOfEndpoint,
  withHost,
  withPort,
  withSecurity,
} from './endpoint-form.ts';
import './endpoints.css';

export interface EndpointFieldsProps {
  protocol: EndpointProtocol;
  form: EndpointForm;
  onChange: (form: EndpointForm) => void;
  /** Problems are told once the user tried to go on, not while they type. */
  showsProblems: boolean;
  /** Labels for screen readers only: the row stands under a head that names the columns. */
  isCompact?: boolean;
  autoFocus?: boolean;
}

/** Host, port and security of one endpoint. Port and security keep each other company. */
export function EndpointFields({ protocol, form, onChange, showsProblems, isCompact, autoFocus }: EndpointFieldsProps) {
  const problems = showsProblems ? problemsOfEndpoint(form) : [];
  const told = (...kinds: EndpointProblem[]): string | null => {
    const found = kinds.find((kind) => problems.includes(kind));
    return found === undefined ? null : t(`delivery.problem.${found}`);
  };
  return (
    <div className="ui-endpoint">
      <TextField
        label={t('delivery.host')}
        isLabelHidden={isCompact}
        value={form.host}
        onChange={(host) => onChange(withHost(form, host, protocol))}
        error={told('host-missing', 'host-wrong')}
        placeholder={protocol === 'pop3' ? 'pop.example.com' : 'smtp.example.com'}
        autoComplete="off"
        spellCheck="false"
        autoFocus={autoFocus}
        className="ui-endpoint-host"
      />
      <TextField
        label={t('delivery.port')}
        isLabelHidden={isCompact}
        value={form.port}
        onChange={(port) => onChange(withPort(form, port, protocol))}
        error={told('port-wrong')}
        inputMode="numeric"
        autoComplete="off"
        className="ui-endpoint-port"
      />
      <SecuritySelect
        value={form.security}
        onChange={(security) => onChange(withSecurity(form, security, protocol))}
        isLabelHidden={isCompact}
      />
      {form.security === 'none' && (
        <p className="ui-endpoint-warning" data-state-colour="waiting">
          <Icon of={LockKeyholeOpen} />
          <span>{t('delivery.inClear')}</span>
        </p>
      )}
    </div>
  );
}

function SecuritySelect(props: { value: Security; onChange: (security: Security) => void; isLabelHidden?: boolean }) {
  return (
    <Select
      label={t('delivery.security')}
      isLabelHidden={props.isLabelHidden}
      className="ui-endpoint-security"
      value={props.value}
      onChange={props.onChange}
      options={[
        { value: 'tls', label: t('delivery.security.tls'), description: t('delivery.security.tls.meaning') },
        {
          value: 'starttls',
          label: t('delivery.security.starttls'),
          description: t('delivery.security.starttls.meaning'),
        },
        { value: 'none', label: t('delivery.security.none'), description: t('delivery.security.none.meaning') },
      ]}
    />
  );
}
