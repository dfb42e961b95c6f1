import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { RestoreSettings } from '#shared/mail/backup.ts';
import { MailErrorData } from '#shared/mail-error.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { Banner, Button } from '../../ui/index.ts';
import { useJob } from '../../ui/use-job.ts';
import { JobView } from './job-view.tsx';
import { Restored } from './restored.tsx';
import { isUnderWay } from './use-backups.ts';

/** What of a backup is to come back, and how. */
export interface RestoreScope {
  readonly folders?: FolderPath[];
  readonly messageKeys?: MessageKey[];
  readonly into?: FolderPath;
  readonly settings: RestoreSettings;
  readonly passphrase?: string;
}

/** Whether this says that the backup itself does not hold. */
export function canBeDamaged(error: unknown): boolean {
  const parsed = MailErrorData.safeParse(error);
  return parsed.success && parsed.data.code === 'EMALFORMED';
}

/** A damaged backup is refused whole; this takes out of it what is intact. */
export function IntactOffer({ file, scope, why }: { file: string; scope: RestoreScope; why: 'damaged' | 'missing' }) {
  const api = useApi();
  const job = useJob(() => undefined);
  const isRunning = job.run.kind === 'starting' || (job.run.kind === 'begun' && isUnderWay(job.run.state.kind));
  return (
    <>
      <Banner
        level={why === 'damaged' ? 'error' : 'warning'}
        className="backup-note"
        actions={
          <Button
            size="small"
            isPending={isRunning}
            onPress={() => job.start(() => api.call('backup.restore', { file, ...scope, intact: true }))}
          >
            {t('backup.intact.restore')}
          </Button>
        }
      >
        {why === 'damaged' && <strong>{t('backup.intact.damaged')}</strong>} {t('backup.intact.text')}
      </Banner>
      <JobView run={job.run} onCancel={job.cancel}>
        {(summary) => (summary.kind === 'backup' ? <Restored report={summary} /> : null)}
      </JobView>
    </>
  );
}
