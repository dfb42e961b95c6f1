import { useState } from 'react';
import type { FolderPath } from '#shared/ids.ts';
import type { ExportReport, Job } from '#shared/job.ts';
import type { ExportFormat } from '#shared/rpc/contract.ts';
import { useApi } from '../../api.ts';
import { formatSize, t } from '../../i18n/index.ts';
import { useAppInfo, useFolders } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Banner, Button, Card, Checkbox, Details, RadioCards, RadioGroup, Section } from '../../ui/index.ts';
import { PathField } from '../../ui/path-field.tsx';
import { useJob } from '../../ui/use-job.ts';
import { proposedTarget } from './backup-model.ts';
import { JobView } from './job-view.tsx';

/** Copies the mailbox, or some folders of it, into another form. */
export function ExportPanel() {
  const api = useApi();
  const defaultFolder = useAppInfo((state) => state.info?.defaultExportFolder ?? '');
  const [isWhole, setWhole] = useState(true);
  const [chosen, setChosen] = useState<readonly FolderPath[]>([]);
  const [format, setFormat] = useState<ExportFormat>('mbox');
  const [typed, setTyped] = useState<string | null>(null);
  const [showsProblems, setShowsProblems] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const job = useJob(runningExport);
  const out = typed ?? (defaultFolder === '' ? '' : proposedTarget(defaultFolder, format, new Date()));
  const isIncomplete = out.trim() === '' || (!isWhole && chosen.length === 0);
  const isRunning = job.run.kind === 'starting' || (job.run.kind === 'begun' && isUnderWay(job.run.state.kind));

  const start = (): void => {
    setShowsProblems(true);
    setError(null);
    if (isIncomplete) return;
    const folders = isWhole ? undefined : [...chosen];
    job.start(() => api.call('export.start', { folders, format, out: out.trim() }));
  };
  return (
    <Card className="backup-panel">
      <Section title={t('backup.export')} description={t('backup.export.text')}>
        <RadioGroup
          label={t('backup.what')}
          options={[
            { value: 'all', label: t('backup.what.all') },
            { value: 'chosen', label: t('backup.what.chosen') },
          ]}
          value={isWhole ? 'all' : 'chosen'}
          onChange={(what) => setWhole(what === 'all')}
        />
        {!isWhole && (
          <FolderChoice
            chosen={chosen}
            onChange={setChosen}
            error={showsProblems && chosen.length === 0 ? t('backup.folders.missing') : null}
          />
        )}
        <RadioCards
          label={t('backup.format')}
          options={(['mbox', 'eml', 'maildir', 'zip'] as const).map((value) => ({
            value,
            label: t(`backup.format.${value}`),
            description: t(`backup.format.${value}.text`),
          }))}
          value={format}
          onChange={setFormat}
        />
        <PathField
          label={t('backup.target')}
          description={t('backup.target.meaning')}
          value={out}
          onChange={setTyped}
          error={showsProblems && out.trim() === '' ? t('backup.target.missing') : null}
          choosers={[{ kind: 'folder', label: t('backup.choose'), title: t('backup.choose.target') }]}
          onError={setError}
        />
        <FormError error={error} />
        <div>
          <Button variant="primary" onPress={start} isPending={isRunning}>
            {t('backup.start')}
          </Button>
        </div>
        <JobView run={job.run} onCancel={job.cancel}>
          {(summary) => (summary.kind === 'export' ? <Exported report={summary} onError={setError} /> : null)}
        </JobView>
      </Section>
    </Card>
  );
}

function runningExport(jobs: readonly Job[]): Job | undefined {
  return jobs.find(({ jobKind, state }) => jobKind === 'export' && isUnderWay(state.kind));
}

function isUnderWay(kind: Job['state']['kind']): boolean {
  return kind === 'queued' || kind === 'running';
}

function FolderChoice(props: {
  chosen: readonly FolderPath[];
  onChange: (folders: FolderPath[]) => void;
  error: string | null;
}) {
  const { chosen, onChange, error } = props;
  const folders = useFolders((state) => state.folders);
  return (
    <fieldset className="backup-folders">
      <legend className="ui-visually-hidden">{t('backup.folders')}</legend>
      {folders.map(({ folder, total }) => (
        <Checkbox
          key={folder}
          isSelected={chosen.includes(folder)}
          onChange={(isChosen) => onChange(isChosen ? [...chosen, folder] : chosen.filter((other) => other !== folder))}
        >
          <bdi>{folder}</bdi> <span className="backup-muted">{t('backup.messages', { count: total })}</span>
        </Checkbox>
      ))}
      {error !== null && (
        <p className="backup-problem" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

function Exported({ report, onError }: { report: ExportReport; onError: (error: unknown) => void }) {
  const api = useApi();
  const canOpen = useAppInfo((state) => state.info?.capabilities.openPath === true);
  return (
    <div className="backup-report">
      <Banner
        level="success"
        className="backup-note"
        actions={
          canOpen && (
            <Button size="small" onPress={() => void api.call('host.openPath', { path: report.out }).catch(onError)}>
              {t('backup.open')}
            </Button>
          )
        }
      >
        <strong>{t('backup.exported.done', { count: report.exported })}</strong>{' '}
        <bdi>{t('backup.exported.where', { path: report.out, size: formatSize(report.octets) })}</bdi>
      </Banner>
      {report.unreadable !== undefined && (
        <>
          <p>{t('backup.exported.unreadable', { count: report.unreadable.length })}</p>
          <Details summary={t('backup.exported.inexact.list')} text={report.unreadable.join('\n')} />
        </>
      )}
      {report.beginnings !== undefined && (
        <p>{t('collecting.exported.beginnings', { count: report.beginnings.length })}</p>
      )}
      {report.inexact.length === 0 ? (
        <p className="backup-muted">{t('backup.exported.exact')}</p>
      ) : (
        <>
          <p>{t('backup.exported.inexact', { count: report.inexact.length })}</p>
          <Details summary={t('backup.exported.inexact.list')} text={report.inexact.join('\n')} />
        </>
      )}
    </div>
  );
}
