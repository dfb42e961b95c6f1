import { useState } from 'react';
import type { BackupSchedule, BackupStatus } from '#shared/mail/backup.ts';
import { useApi } from '../../api.ts';
import { formatDateTime, t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { NumberField, Select } from '../../ui/index.ts';
import { PathField } from '../../ui/path-field.tsx';

const rhythms = ['0', '1', '7', '30'] as const;

/** Where backups go and when they are made by themselves. Each change holds at once. */
export function ScheduleFields({ status }: { status: BackupStatus }) {
  const api = useApi();
  const { schedule, defaultFolder, nextAt } = status;
  const [folder, setFolder] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const set = (patch: Partial<BackupSchedule>): void => {
    setError(null);
    api.call('settings.setPreferences', { backup: { ...schedule, ...patch } }).catch(setError);
  };
  const shown = folder ?? (schedule.folder === '' ? defaultFolder : schedule.folder);
  const keepFolder = (path: string): void => {
    const wanted = path.trim() === defaultFolder ? '' : path.trim();
    if (wanted !== schedule.folder) set({ folder: wanted });
  };
  const days = rhythms.find((one) => one === String(schedule.everyDays));
  return (
    <>
      <PathField
        label={t('backup.folder')}
        description={t('backup.folder.text')}
        value={shown}
        onChange={setFolder}
        error={null}
        choosers={[{ kind: 'folder', label: t('backup.choose'), title: t('backup.choose.backupFolder') }]}
        onError={setError}
        onSettled={keepFolder}
      />
      <div className="backup-fields">
        <Select
          label={t('backup.every')}
          options={[
            ...rhythms.map((value) => ({ value: `${value}`, label: t(`backup.every.${value}`) })),
            ...(days === undefined
              ? [{ value: `${schedule.everyDays}`, label: t('backup.every.days', { count: schedule.everyDays }) }]
              : []),
          ]}
          value={`${schedule.everyDays}`}
          onChange={(value) => set({ everyDays: Number(value) })}
          description={nextAt === null ? t('backup.next.none') : t('backup.next', { when: formatDateTime(nextAt) })}
        />
        <Select
          label={t('backup.kind')}
          options={[
            { value: 'incremental', label: t('backup.kind.incremental') },
            { value: 'full', label: t('backup.kind.full') },
          ]}
          value={schedule.kind}
          onChange={(kind) => set({ kind })}
          description={t(`backup.kind.${schedule.kind}.text`)}
        />
        <NumberField
          label={t('backup.keep')}
          minValue={1}
          maxValue={100}
          value={schedule.keep}
          onChange={(keep) => {
            if (Number.isInteger(keep) && keep >= 1 && keep <= 100) set({ keep });
          }}
          description={t('backup.keep.text')}
        />
      </div>
      <FormError error={error} />
    </>
  );
}
