import type { NetworkLocation } from '#shared/mail/outbox.ts';
import { t } from '../../i18n/index.ts';
import { useNamedLocations } from '../../projection/settings-parts.ts';
import { useAppInfo, useLocation } from '../../projection/stores.ts';
import { EndpointList } from '../../ui/endpoints/endpoint-list.tsx';
import { Checkbox, RadioGroup, Select, Switch, TextField } from '../../ui/index.ts';
import { problemsOfServerForm, type ServerForm, type ServerProblem } from './server-form.ts';

export interface ServerFieldsProps {
  form: ServerForm;
  onChange: (patch: Partial<ServerForm>) => void;
  showsProblems: boolean;
  hasSecret: boolean;
}

const methods = ['auto', 'plain', 'login', 'cram-md5', 'none'] as const;

/** Everything about an outgoing server that can be set. */
export function ServerFields({ form, onChange, showsProblems, hasSecret }: ServerFieldsProps) {
  const problems = showsProblems ? problemsOfServerForm(form) : [];
  const keptIn = useAppInfo((state) => state.info?.secretsKeptIn ?? '');
  return (
    <>
      <TextField
        label={t('outgoing-servers.label')}
        description={t('outgoing-servers.label.meaning')}
        value={form.label}
        onChange={(label) => onChange({ label })}
        error={problems.includes('label-missing') ? t('outgoing-servers.problem.label-missing') : null}
        autoFocus={form.label === ''}
      />
      <Switch
        isSelected={form.enabled}
        onChange={(enabled) => onChange({ enabled })}
        description={t('outgoing-servers.enabled.meaning')}
      >
        {t('outgoing-servers.enabled')}
      </Switch>
      <EndpointList
        endpoints={form.endpoints}
        onChange={(endpoints) => onChange({ endpoints })}
        showsProblems={showsProblems}
        hasPins
      />
      <div className="servers-pair">
        <Select
          label={t('outgoing-servers.signIn')}
          options={methodOptions(form)}
          value={form.method}
          onChange={(method) => onChange({ method })}
        />
        {form.method !== 'none' && (
          <TextField
            label={t('outgoing-servers.user')}
            value={form.user}
            onChange={(user) => onChange({ user })}
            error={problems.includes('user-missing') ? t('outgoing-servers.problem.user-missing') : null}
            autoComplete="off"
            spellCheck="false"
          />
        )}
      </div>
      {form.method !== 'none' && (
        <TextField
          label={t('outgoing-servers.password')}
          description={
            hasSecret ? t('outgoing-servers.password.stored') : t('outgoing-servers.password.none', { where: keptIn })
          }
          placeholder={hasSecret ? t('outgoing-servers.password.placeholder') : undefined}
          type="password"
          value={form.password}
          onChange={(password) => onChange({ password })}
          autoComplete="new-password"
        />
      )}
      <details className="servers-more" open={problems.some(isAboutLimits) || undefined}>
        <summary>{t('outgoing-servers.limits')}</summary>
        <Limits form={form} onChange={onChange} problems={problems} />
      </details>
    </>
  );
}

function methodOptions({ method }: ServerForm) {
  const offered = method === 'xoauth2' ? ([...methods, 'xoauth2'] as const) : methods;
  return offered.map((value) => ({
    value,
    label: t(`outgoing-servers.auth.${value}`),
    ...(value === 'auto' || value === 'none' ? { description: t(`outgoing-servers.auth.${value}.meaning`) } : {}),
  }));
}

function isAboutLimits(problem: ServerProblem): boolean {
  return ['sender-wrong', 'location-missing', 'size-wrong', 'rate-wrong', 'ehlo-wrong'].includes(problem);
}

function Limits({
  form,
  onChange,
  problems,
}: Pick<ServerFieldsProps, 'form' | 'onChange'> & { problems: readonly ServerProblem[] }) {
  const told = (problem: Extract<ServerProblem, 'sender-wrong' | 'size-wrong' | 'rate-wrong' | 'ehlo-wrong'>) =>
    problems.includes(problem) ? t(`outgoing-servers.problem.${problem}`) : null;
  return (
    <div className="servers-limits">
      <TextField
        label={t('outgoing-servers.senders')}
        description={t('outgoing-servers.senders.meaning')}
        value={form.senders}
        onChange={(senders) => onChange({ senders })}
        error={told('sender-wrong')}
        spellCheck="false"
      />
      <Networks form={form} onChange={onChange} isMissing={problems.includes('location-missing')} />
      <div className="servers-pair">
        <TextField
          label={t('outgoing-servers.size')}
          description={t('outgoing-servers.size.meaning')}
          value={form.sizeLimitMb}
          onChange={(sizeLimitMb) => onChange({ sizeLimitMb })}
          error={told('size-wrong')}
          inputMode="decimal"
          suffix={<span className="servers-unit">{t('outgoing-servers.size.unit')}</span>}
        />
        <TextField
          label={t('outgoing-servers.ehlo')}
          description={t('outgoing-servers.ehlo.meaning')}
          value={form.ehloName}
          onChange={(ehloName) => onChange({ ehloName })}
          error={told('ehlo-wrong')}
          spellCheck="false"
        />
        <TextField
          label={t('outgoing-servers.perHour')}
          description={t('outgoing-servers.rate.meaning')}
          value={form.perHour}
          onChange={(perHour) => onChange({ perHour })}
          error={told('rate-wrong')}
          inputMode="numeric"
        />
        <TextField
          label={t('outgoing-servers.perDay')}
          description={t('outgoing-servers.rate.meaning')}
          value={form.perDay}
          onChange={(perDay) => onChange({ perDay })}
          inputMode="numeric"
        />
      </div>
    </div>
  );
}

function Networks({
  form,
  onChange,
  isMissing,
}: Pick<ServerFieldsProps, 'form' | 'onChange'> & { isMissing: boolean }) {
  const places = usePlaces(form.locations);
  const toggle = (id: string, isChosen: boolean): void =>
    onChange({ locations: isChosen ? [...form.locations, id] : form.locations.filter((other) => other !== id) });
  return (
    <>
      <RadioGroup
        label={t('outgoing-servers.networks')}
        options={(['any', 'only', 'never'] as const).map((value) => ({
          value,
          label: t(`outgoing-servers.networks.rule.${value}`),
        }))}
        value={form.networkRule}
        onChange={(networkRule) => onChange({ networkRule })}
        error={isMissing ? t('outgoing-servers.problem.location-missing') : null}
      />
      {form.networkRule !== 'any' && (
        <div className="servers-places">
          {places.length === 0 && <p className="servers-muted">{t('outgoing-servers.networks.none')}</p>}
          {places.map(({ id, name }) => (
            <Checkbox key={id} isSelected={form.locations.includes(id)} onChange={(isChosen) => toggle(id, isChosen)}>
              {name}
            </Checkbox>
          ))}
        </div>
      )}
    </>
  );
}

/** Networks the user named, the one here, and those the server is already tied to. */
function usePlaces(tied: readonly string[]): { id: string; name: string }[] {
  const named = useNamedLocations();
  const here = useLocation((state) => state.location);
  const places = named.map(({ locationId, name }) => ({ id: `${locationId}`, name: nameOf(locationId, name, here) }));
  if (here !== null && !places.some(({ id }) => id === here.locationId))
    places.push({ id: here.locationId, name: nameOf(here.locationId, here.name, here) });
  for (const id of tied)
    if (!places.some((place) => place.id === id)) places.push({ id, name: t('outgoing-servers.network.unknown') });
  return places;
}

function nameOf(id: string, name: string, here: NetworkLocation | null): string {
  return id === here?.locationId ? t('outgoing-servers.networks.here', { name }) : name;
}
