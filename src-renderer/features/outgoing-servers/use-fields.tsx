import { t } from '../../i18n/index.ts';
import { Checkbox, RadioGroup, TextField } from '../../ui/index.ts';
import type { PartProps } from './part-props.ts';
import { usePlaces } from './use-places.ts';

/** Whose mail the server takes, and on which networks it is used. */
export function UseFields(props: PartProps) {
  const { form, onChange, has } = props;
  return (
    <>
      <TextField
        label={t('outgoing-servers.senders')}
        description={t('outgoing-servers.senders.meaning')}
        value={form.senders}
        onChange={(senders) => onChange({ senders })}
        error={has('sender-wrong') ? t('outgoing-servers.problem.sender-wrong') : null}
        spellCheck="false"
        autoComplete="off"
      />
      <RadioGroup
        label={t('outgoing-servers.networks')}
        options={(['any', 'only', 'never'] as const).map((value) => ({
          value,
          label: t(`outgoing-servers.networks.rule.${value}`),
        }))}
        value={form.networkRule}
        onChange={(networkRule) => onChange({ networkRule })}
        error={has('location-missing') ? t('outgoing-servers.problem.location-missing') : null}
      />
      {form.networkRule !== 'any' && <Places form={form} onChange={onChange} />}
    </>
  );
}

function Places({ form, onChange }: Pick<PartProps, 'form' | 'onChange'>) {
  const places = usePlaces(form.locations);
  const toggle = (id: string, isChosen: boolean): void =>
    onChange({ locations: isChosen ? [...form.locations, id] : form.locations.filter((other) => other !== id) });
  return (
    <fieldset className="servers-places" aria-label={t('outgoing-servers.networks')}>
      {places.length === 0 && <p className="servers-muted">{t('outgoing-servers.networks.none')}</p>}
      {places.map(({ id, name, text }) => (
        <Checkbox
          key={id}
          isSelected={form.locations.includes(id)}
          onChange={(isChosen) => toggle(id, isChosen)}
          description={text === '' ? undefined : text}
        >
          {name}
        </Checkbox>
      ))}
    </fieldset>
  );
}
