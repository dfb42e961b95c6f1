import type { Retention } from '#shared/mail/incoming-account.ts';
import { t } from '../../i18n/index.ts';
import { NumberField, RadioGroup } from '../../ui/index.ts';

export interface RetentionFieldProps {
  retention: Retention;
  onChange: (retention: Retention) => void;
  error: string | null;
}

/** What happens to mail on the server once it is safe here. */
export function RetentionField({ retention, onChange, error }: RetentionFieldProps) {
  return (
    <div className="wizard-retention">
      <RadioGroup
        label={t('account-setup.retention')}
        options={[
          {
            value: 'leave',
            label: t('account-setup.retention.leave'),
            description: t('account-setup.retention.leave.text'),
          },
          { value: 'leave-days', label: t('account-setup.retention.leave-days') },
          { value: 'delete-when-removed', label: t('account-setup.retention.delete-when-removed') },
          {
            value: 'delete',
            label: t('account-setup.retention.delete'),
            description: t('account-setup.retention.delete.text'),
          },
        ]}
        value={retention.kind}
        onChange={(kind) => onChange(kind === 'leave-days' ? { kind, days: 14 } : { kind })}
      />
      {retention.kind === 'leave-days' && (
        <NumberField
          label={t('account-setup.days')}
          value={retention.days}
          onChange={(days) => onChange({ kind: 'leave-days', days })}
          minValue={1}
          maxValue={3650}
          unit={t('account-setup.days.unit')}
          error={error}
        />
      )}
    </div>
  );
}
