import { useState } from 'react';
import { FolderPath } from '#shared/ids.ts';
import type { ImportReport, Job } from '#shared/job.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useFolders } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Banner, Button, Card, Details, Section, Select, TextField } from '../../ui/index.ts';
import { useJob } from '../../ui/use-job.ts';
import { JobView } from './job-view.tsx';
import { PathField } from './path-field.tsx';

const newFolder = '\n';

/** Copies mail in from files of other programs. */
export function ImportPanel() {
  const api = useApi();
  const folders = useFolders((state) => state.folders);
  const [path, setPath] = useState('');
  const [into, setInto] = useState<string>('Inbox');
  const [name, setName] = useState('');
  const [showsProblems, setShowsProblems] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const job = useJob(runningImport);
  const target = FolderPath.safeParse(into === newFolder ? name.trim() : into);
  const isRunning = job.run.kind === 'starting' || (job.run.kind === 'begun' && isUnderWay(job.run.state.kind));

  const start = (): void => {
    setShowsProblems(true);
    setError(null);
    if (path.trim() === '' || !target.success) return;
    const folder = target.data;
    job.start(async () => {
      if (into === newFolder) await api.call('folder.create', { folder });
      return api.call('import.start', { path: path.trim(), folder });
    });
  };
  return (
    <Card className="backup-panel">
      <Section title={t('backup.import')} description={t('backup.import.text')}>
        <PathField
          label={t('backup.source')}
          description={t('backup.source.meaning')}
          value={path}
          onChange={setPath}
          error={showsProblems && path.trim() === '' ? t('backup.source.missing') : null}
          choosers={[
            { kind: 'file', label: t('backup.choose.file'), title: t('backup.choose.file') },
            { kind: 'folder', label: t('backup.choose.folder'), title: t('backup.choose.folder') },
          ]}
          onError={setError}
        />
        <Select
          label={t('backup.into')}
          options={[
            ...folders
              .filter(({ folder }) => folder !== 'Outbox' && folder !== 'Drafts')
              .map(({ folder }) => ({ value: `${folder}`, label: folder })),
            { value: newFolder, label: t('backup.into.new') },
          ]}
          value={into}
          onChange={setInto}
        />
        {into === newFolder && (
          <TextField
            label={t('backup.into.newName')}
            value={name}
            onChange={setName}
            error={showsProblems && !target.success ? t('backup.into.wrong') : null}
            autoFocus
          />
        )}
        <FormError error={error} />
        <div>
          <Button variant="primary" onPress={start} isDisabled={isRunning}>
            {t('backup.import.start')}
          </Button>
        </div>
        <JobView run={job.run} onCancel={job.cancel}>
          {(summary) =>
            summary.kind === 'import' ? (
              <Imported report={summary} folder={target.success ? target.data : undefined} />
            ) : null
          }
        </JobView>
      </Section>
    </Card>
  );
}

function runningImport(jobs: readonly Job[]): Job | undefined {
  return jobs.find(({ jobKind, state }) => jobKind === 'import' && isUnderWay(state.kind));
}

function isUnderWay(kind: Job['state']['kind']): boolean {
  return kind === 'queued' || kind === 'running';
}

function Imported({ report, folder }: { report: ImportReport; folder: FolderPath | undefined }) {
  const open = useNavigation((state) => state.open);
  const failures = report.failed.map(({ source, error }) => `${source}: ${error.message}`).join('\n');
  return (
    <div className="backup-report">
      <Banner
        level={report.failed.length === 0 ? 'success' : 'warning'}
        className="backup-note"
        actions={
          folder !== undefined && (
            <Button size="small" onPress={() => open({ kind: 'mail', folder })}>
              {t('backup.imported.show', { folder })}
            </Button>
          )
        }
      >
        <strong>{t('backup.imported.done', { count: report.imported })}</strong>{' '}
        {report.duplicates > 0 && t('backup.imported.duplicates', { count: report.duplicates })}
      </Banner>
      {report.malformed > 0 && <p>{t('backup.imported.malformed', { count: report.malformed })}</p>}
      {report.failed.length > 0 && (
        <Details summary={t('backup.imported.failed', { count: report.failed.length })} text={failures} />
      )}
    </div>
  );
}
