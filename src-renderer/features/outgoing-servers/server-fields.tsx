import type { ComponentType } from 'react';
import { t } from '../../i18n/index.ts';
import { EndpointList } from '../../ui/endpoints/endpoint-list.tsx';
import { Banner, Select, Switch, TextField } from '../../ui/index.ts';
import { EhloField } from './ehlo-field.tsx';
import { Fold } from './fold.tsx';
import { KickFields } from './kick-fields.tsx';
import { LimitFields } from './limit-fields.tsx';
import type { PartProps } from './part-props.ts';
import { partInWords } from './part-words.ts';
import { ProxyFields } from './proxy-fields.tsx';
import { ReportFields } from './report-fields.tsx';
import { partOf, problemsOfServerForm, type ServerPart, serverParts } from './server-problems.ts';
import { SignInFields } from './sign-in-fields.tsx';
import { TimeoutFields } from './timeout-fields.tsx';
import { UseFields } from './use-fields.tsx';

export type ServerFieldsProps = Omit<PartProps, 'has'>;

const parts: Readonly<Record<ServerPart, ComponentType<PartProps>>> = {
  use: UseFields,
  limits: LimitFields,
  reports: ReportFields,
  proxy: ProxyFields,
  timeouts: TimeoutFields,
  kick: KickFields,
};

/** Everything about an outgoing server that can be set: what everybody needs in the open, the rest folded. */
export function ServerFields(given: ServerFieldsProps) {
  const { form, onChange, showsProblems } = given;
  const problems = showsProblems ? problemsOfServerForm(form) : [];
  const props: PartProps = { ...given, has: (problem) => problems.includes(problem) };
  const isDirect = form.kind === 'direct-mx';
  return (
    <>
      <TextField
        label={t('outgoing-servers.label')}
        description={t('outgoing-servers.label.meaning')}
        value={form.label}
        onChange={(label) => onChange({ label })}
        error={props.has('label-missing') ? t('outgoing-servers.problem.label-missing') : null}
        autoFocus={form.label === ''}
      />
      <Switch
        isSelected={form.enabled}
        onChange={(enabled) => onChange({ enabled })}
        description={t('outgoing-servers.enabled.meaning')}
      >
        {t('outgoing-servers.enabled')}
      </Switch>
      <Select
        label={t('outgoing-servers.kind')}
        options={(['relay', 'direct-mx'] as const).map((value) => ({
          value,
          label: t(`outgoing-servers.kind.${value}`),
          description: t(`outgoing-servers.kind.${value}.meaning`),
        }))}
        value={form.kind}
        onChange={(kind) => onChange({ kind })}
      />
      {isDirect ? (
        <DirectFields {...props} />
      ) : (
        <>
          <EndpointList
            endpoints={form.endpoints}
            onChange={(endpoints) => onChange({ endpoints })}
            showsProblems={showsProblems}
            hasPins
          />
          <SignInFields {...props} />
        </>
      )}
      <div className="servers-folds">
        {serverParts.map((part) => {
          const Fields = parts[part];
          return (
            <Fold
              key={part}
              title={t(`outgoing-servers.part.${part}`)}
              words={partInWords(part, form)}
              hasProblem={problems.some((problem) => partOf(problem, form) === part)}
            >
              <Fields {...props} />
            </Fold>
          );
        })}
      </div>
    </>
  );
}

/** Direct delivery: why it mostly fails, and the name it cannot do without. */
function DirectFields(props: PartProps) {
  return (
    <>
      <Banner level="warning" className="servers-note">
        <p>{t('outgoing-servers.kind.direct-mx.warning')}</p>
        <p>{t('outgoing-servers.kind.direct-mx.route')}</p>
      </Banner>
      <EhloField {...props} />
    </>
  );
}
