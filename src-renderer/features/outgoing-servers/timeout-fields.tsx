import { t } from '../../i18n/index.ts';
import { TextField } from '../../ui/index.ts';
import { EhloField } from './ehlo-field.tsx';
import type { PartProps } from './part-props.ts';
import { timeoutNames } from './server-form.ts';

/** How long each step may take, in the order of the dialogue; and, for a relay, the name to say at EHLO. */
export function TimeoutFields(props: PartProps) {
  const { form, onChange, has } = props;
  return (
    <>
      <p className="servers-muted">{t('outgoing-servers.timeouts.meaning')}</p>
      <div className="servers-pair">
        {timeoutNames.map((name) => (
          <TextField
            key={name}
            label={t(`outgoing-servers.timeout.${name}`)}
            description={t(`outgoing-servers.timeout.${name}.meaning`)}
            value={form.timeouts[name]}
            onChange={(seconds) => onChange({ timeouts: { ...form.timeouts, [name]: seconds } })}
            error={has(`timeout-${name}-wrong`) ? t('outgoing-servers.problem.timeout-wrong') : null}
            inputMode="decimal"
            suffix={<span className="servers-unit">{t('outgoing-servers.timeout.unit')}</span>}
          />
        ))}
      </div>
      {form.kind === 'relay' && <EhloField {...props} />}
    </>
  );
}
