import { type FormEvent, useState } from 'react';
import type { BackupReport } from '#shared/job.ts';
import type { BackupMade, BackupStatus } from '#shared/mail/backup.ts';
import { useApi } from '../../api.ts';
import { errorText, formatAgo, formatDateTime, formatSize, t } from '../../i18n/index.ts';
import { useAppInfo } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Banner, Button, Card, Checkbox, Details, Section } from '../../ui/index.ts';
import { useJob } from '../../ui/use-job.ts';
import { JobView } from './job-view.tsx';
import { PassphraseField } from './passphrase-field.tsx';
import { ScheduleFields } from './schedule-fields.tsx';
import { isUnderWay, runningBackup } from './use-backups.ts';

/** The last backup, the next one, and making one now. */
export function BackupPanel({ status }: { status: BackupStatus | null }) {
  const api = useApi();
  const job = useJob(runningBackup);
  const [withSecrets, setWithSecrets] = useState(false);
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [showsProblems, setShowsProblems] = useState(false);
  const [asked, setAsked] = useState<'create' | 'verify'>('create');
  const isRunning = job.run.kind === 'starting' || (job.run.kind === 'begun' && isUnderWay(job.run.state.kind));
  const isWrong = withSecrets && (passphrase === '' || passphrase !== again);
  const last = status?.made[0];

  const start = (event: FormEvent): void => {
    event.preventDefault();
    setShowsProblems(true);
    if (isWrong || isRunning) return;
    setAsked('create');
    job.start(() => api.call('backup.create', withSecrets ? { passphrase } : {}));
  };
  return (
    <Card className="backup-panel">
      <Section title={t('backup.backup')} description={t('backup.backup.text')}>
        {status !== null && <LastBackup last={last} status={status} />}
        <form className="backup-form" onSubmit={start} noValidate>
          <Checkbox isSelected={withSecrets} onChange={setWithSecrets} description={t('backup.secrets.text')}>
            {t('backup.secrets')}
          </Checkbox>
          {withSecrets && (
            <div className="backup-fields">
              <PassphraseField
                isNew
                label={t('backup.passphrase')}
                description={t('backup.passphrase.text')}
                value={passphrase}
                onChange={setPassphrase}
                error={showsProblems && passphrase === '' ? t('backup.passphrase.missing') : null}
              />
              <PassphraseField
                isNew
                label={t('backup.passphrase.again')}
                value={again}
                onChange={setAgain}
                error={showsProblems && passphrase !== again ? t('backup.passphrase.differs') : null}
              />
            </div>
          )}
          <div className="backup-acts">
            <Button
              variant="primary"
              type="submit"
              isPending={isRunning && asked === 'create'}
              isDisabled={isRunning && asked === 'verify'}
            >
              {t('backup.now')}
            </Button>
            {last !== undefined && (
              <Button
                onPress={() => {
                  setAsked('verify');
                  job.start(() => api.call('backup.verify', { file: last.file }));
                }}
                isPending={isRunning && asked === 'verify'}
                isDisabled={isRunning && asked === 'create'}
              >
                {t('backup.verify')}
              </Button>
            )}
          </div>
        </form>
        <JobView run={job.run} onCancel={job.cancel}>
          {(summary) => (summary.kind === 'backup' ? <Done report={summary} /> : null)}
        </JobView>
        {status !== null && <ScheduleFields status={status} />}
      </Section>
    </Card>
  );
}

function LastBackup({ last, status }: { last: BackupMade | undefined; status: BackupStatus }) {
  const api = useApi();
  const canOpen = useAppInfo((state) => state.info?.capabilities.openPath === true);
  const [error, setError] = useState<unknown>(null);
  const { failure } = status;
  return (
    <>
      {last === undefined ? (
        <p>{t('backup.none')}</p>
      ) : (
        <div className="backup-last">
          <p>
            <strong>{t('backup.last', { when: formatAgo(last.createdAt) })}</strong>{' '}
            {t(`backup.last.${last.kind}`, {
              date: formatDateTime(last.createdAt),
              count: last.messages,
              size: formatSize(last.octets),
            })}
          </p>
          <p className="backup-muted">
            <bdi>{last.file}</bdi>
          </p>
          {canOpen && (
            <Button
              size="small"
              onPress={() => {
                setError(null);
                api.call('host.openPath', { path: last.file.replace(/[\\/][^\\/]*$/u, '') }).catch(setError);
              }}
            >
              {t('backup.openFolder')}
            </Button>
          )}
          {last.problems.length > 0 && (
            <Details summary={t('backup.problems', { count: last.problems.length })} text={last.problems.join('\n')} />
          )}
        </div>
      )}
      {failure !== null && (
        <Banner level="warning" className="backup-note">
          {t('backup.failed', { when: formatDateTime(failure.at) })} {errorText(failure.error).headline}{' '}
          {failure.error.message}
        </Banner>
      )}
      <FormError error={error} />
    </>
  );
}

/** What making or checking one came to. */
function Done({ report }: { report: BackupReport }) {
  const { action, verified, messages, octets, problems, intactMessages = 0 } = report;
  if (action === 'verify' && verified !== true)
    return (
      <div className="backup-report">
        <Banner level="error" className="backup-note">
          <strong>{t('backup.verified.not')}</strong>{' '}
          {intactMessages > 0 && t('backup.verified.intact', { count: intactMessages })}
        </Banner>
        <Details summary={t('backup.verified.why')} text={problems.join('\n')} />
      </div>
    );
  return (
    <div className="backup-report">
      <Banner level={problems.length === 0 ? 'success' : 'warning'} className="backup-note">
        <strong>{t(action === 'verify' ? 'backup.verified' : 'backup.made', { count: messages })}</strong>{' '}
        <bdi>{t('backup.made.where', { path: report.file, size: formatSize(octets) })}</bdi>
      </Banner>
      {problems.length > 0 && (
        <Details summary={t('backup.problems', { count: problems.length })} text={problems.join('\n')} />
      )}
    </div>
  );
}
