import { t } from '../../i18n/index.ts';
import { EndpointFields } from '../../ui/endpoints/endpoint-fields.tsx';
import { toEndpointForm } from '../../ui/endpoints/endpoint-form.ts';
import { Checkbox, RadioGroup, Select, TextField } from '../../ui/index.ts';
import type { KickForm } from './kick-form.ts';
import { KickNow } from './kick-now.tsx';
import type { PartProps } from './part-props.ts';

const kinds = ['none', 'etrn', 'atrn', 'wake-up-mail', 'trigger-port'] as const;
/** RFC 2645 §2. */
const onDemandRelayPort = 366;

/** The nudge a server wants before it works for us: its kind, what that needs, and when it is given. */
export function KickFields(props: PartProps) {
  const { form, onChange } = props;
  const { kick } = form;
  const change = (patch: Partial<KickForm>): void => onChange({ kick: { ...kick, ...patch } });
  return (
    <>
      <Select
        label={t('outgoing-servers.kick')}
        description={t('outgoing-servers.kick.meaning')}
        options={kinds.map((value) => ({
          value,
          label: t(`outgoing-servers.kick.${value}`),
          ...(value === 'none' ? {} : { description: t(`outgoing-servers.kick.${value}.meaning`) }),
        }))}
        value={kick.kind}
        onChange={(kind) => change({ kind })}
      />
      {kick.kind !== 'none' && (
        <>
          <p>{t(`outgoing-servers.kick.${kick.kind}.needs`)}</p>
          <KindFields {...props} change={change} />
          <RadioGroup
            label={t('outgoing-servers.kick.when')}
            options={(['on-demand', 'on-connect'] as const).map((value) => ({
              value,
              label: t(`outgoing-servers.kick.when.${value}`),
            }))}
            value={kick.when}
            onChange={(when) => change({ when })}
          />
          {props.stored !== null && <KickNow server={props.stored} isChanged={props.isChanged} />}
        </>
      )}
    </>
  );
}

type KindProps = PartProps & { change: (patch: Partial<KickForm>) => void };

function KindFields(props: KindProps) {
  const { form, has, change } = props;
  const { kick } = form;
  const told = (problem: 'kick-host-wrong' | 'kick-domains-wrong' | 'kick-to-wrong'): string | null =>
    has(problem) ? t(`outgoing-servers.problem.${problem}`) : null;
  switch (kick.kind) {
    case 'none':
      return null;
    case 'etrn':
      return (
        <>
          <TextField
            label={t('outgoing-servers.kick.host')}
            description={t('outgoing-servers.kick.host.meaning')}
            value={kick.etrnHost}
            onChange={(etrnHost) => change({ etrnHost })}
            error={told('kick-host-wrong')}
            spellCheck="false"
          />
          <OwnEndpoint {...props} />
        </>
      );
    case 'atrn':
      return (
        <>
          <TextField
            label={t('outgoing-servers.kick.domains')}
            description={t('outgoing-servers.kick.domains.meaning')}
            value={kick.domains}
            onChange={(domains) => change({ domains })}
            error={told('kick-domains-wrong')}
            spellCheck="false"
          />
          <OwnEndpoint {...props} />
        </>
      );
    case 'wake-up-mail':
      return (
        <TextField
          label={t('outgoing-servers.kick.to')}
          value={kick.to}
          onChange={(to) => change({ to })}
          error={told('kick-to-wrong')}
          inputMode="email"
          spellCheck="false"
        />
      );
    case 'trigger-port':
      return <TriggerFields {...props} />;
  }
}

function TriggerFields({ form, has, change }: KindProps) {
  const { kick } = form;
  return (
    <>
      <div className="servers-pair">
        <TextField
          label={t('outgoing-servers.kick.triggerHost')}
          description={t('outgoing-servers.kick.triggerHost.meaning')}
          value={kick.triggerHost}
          onChange={(triggerHost) => change({ triggerHost })}
          error={has('kick-trigger-host-wrong') ? t('outgoing-servers.problem.kick-trigger-host-wrong') : null}
          spellCheck="false"
        />
        <TextField
          label={t('outgoing-servers.kick.triggerPort')}
          value={kick.triggerPort}
          onChange={(triggerPort) => change({ triggerPort })}
          error={has('kick-port-wrong') ? t('outgoing-servers.problem.kick-port-wrong') : null}
          inputMode="numeric"
        />
      </div>
      <TextField
        label={t('outgoing-servers.kick.line')}
        description={t('outgoing-servers.kick.line.meaning')}
        value={kick.line}
        onChange={(line) => change({ line })}
        error={has('kick-line-wrong') ? t('outgoing-servers.problem.kick-line-wrong') : null}
        spellCheck="false"
      />
    </>
  );
}

/** The endpoint that is asked, when it is not one the mail goes to. */
function OwnEndpoint({ form, change, showsProblems }: KindProps) {
  const { endpoint } = form.kick;
  const propose = () => {
    const first = form.endpoints[0];
    const port = form.kick.kind === 'atrn' ? onDemandRelayPort : 25;
    return toEndpointForm({ host: first?.host ?? '', port, security: first?.security ?? 'starttls' });
  };
  return (
    <>
      <Checkbox isSelected={endpoint !== null} onChange={(isOwn) => change({ endpoint: isOwn ? propose() : null })}>
        {t('outgoing-servers.kick.ownEndpoint')}
      </Checkbox>
      {endpoint !== null && (
        <EndpointFields
          protocol="submission"
          form={endpoint}
          onChange={(next) => change({ endpoint: next })}
          showsProblems={showsProblems}
        />
      )}
    </>
  );
}
