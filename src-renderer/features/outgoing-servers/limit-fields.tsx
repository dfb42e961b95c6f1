import { t } from '../../i18n/index.ts';
import { TextField } from '../../ui/index.ts';
import type { PartProps } from './part-props.ts';

/** How much the server takes: by message, by time, by recipients. */
export function LimitFields({ form, onChange, has }: PartProps) {
  return (
    <>
      <div className="servers-pair">
        <TextField
          label={t('outgoing-servers.size')}
          description={t('outgoing-servers.size.meaning')}
          value={form.sizeLimitMb}
          onChange={(sizeLimitMb) => onChange({ sizeLimitMb })}
          error={has('size-wrong') ? t('outgoing-servers.problem.size-wrong') : null}
          inputMode="decimal"
          suffix={<span className="servers-unit">{t('outgoing-servers.size.unit')}</span>}
        />
        <TextField
          label={t('outgoing-servers.maxRecipients')}
          description={t('outgoing-servers.maxRecipients.meaning')}
          value={form.maxRecipients}
          onChange={(maxRecipients) => onChange({ maxRecipients })}
          error={has('max-recipients-wrong') ? t('outgoing-servers.problem.max-recipients-wrong') : null}
          inputMode="numeric"
        />
        <TextField
          label={t('outgoing-servers.perHour')}
          description={t('outgoing-servers.rate.meaning')}
          value={form.perHour}
          onChange={(perHour) => onChange({ perHour })}
          error={has('per-hour-wrong') ? t('outgoing-servers.problem.per-hour-wrong') : null}
          inputMode="numeric"
        />
        <TextField
          label={t('outgoing-servers.perDay')}
          description={t('outgoing-servers.rate.meaning')}
          value={form.perDay}
          onChange={(perDay) => onChange({ perDay })}
          error={has('per-day-wrong') ? t('outgoing-servers.problem.per-day-wrong') : null}
          inputMode="numeric"
        />
      </div>
      <p className="servers-muted">{t('outgoing-servers.rate.waits')}</p>
    </>
  );
}
