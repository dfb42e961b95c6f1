import type { Retention } from '#shared/mail/incoming-account.ts';
import { t } from '../i18n/index.ts';
import { RadioGroup } from './choice.tsx';
import { NumberField } from './field.tsx';
import './retention-field.css';

export interface RetentionFieldProps {
  retention: Retention;
  onChange: (retention: Retention) => void;
  error: string | null;
}

/** What happens to mail on the server once it is safe here. */
export function RetentionField({ retention, onChange, error }: RetentionFieldProps) {
  return (
    <div className="ui-retention">
      <RadioGroup
        label={t('delivery.retention')}
        options={[
          {
            value: 'leave',
            label: t('delivery.retention.leave'),
            description: t('delivery.retention.leave.text'),
          },
          { value: 'leave-days', label: t('delivery.retention.leave-days') },
          { value: 'delete-when-removed', label: t('delivery.retention.delete-when-removed') },
          {
            value: 'delete',
            label: t('delivery.retention.delete'),
            description: t('delivery.retention.delete.text'),
          },
        ]}
        value={retention.kind}
        onChange={(kind) => onChange(kind === 'leave-days' ? { kind, days: 14 } : { kind })}
      />
      {retention.kind === 'leave-days' && (
        <NumberField
          label={t('delivery.days')}
          value={retention.days}
          onChange={(days) => onChange({ kind: 'leave-days', days })}
          minValue={1}
          maxValue={3650}
          unit={t('delivery.days.unit')}
          error={error}
        />
      )}
    </div>
  );
}
