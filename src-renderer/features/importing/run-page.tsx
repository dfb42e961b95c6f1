import type { Job } from '#shared/job.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import { useApi } from '../../api.ts';
import { formatSize, t } from '../../i18n/index.ts';
import { useJobs } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Banner, Button, ProgressBar } from '../../ui/index.ts';
import { backToWhere, type Step, startImport } from './import-state.ts';
import { Report } from './report.tsx';

/** How far it is, how to stop it, and what came of it. */
export function RunPage({ step }: { step: Extract<Step, { kind: 'starting' | 'refused' | 'run' }> }) {
  const api = useApi();
  const byId = useJobs((state) => state.byId);
  const job = step.kind === 'run' ? byId[step.jobId] : undefined;
  if (step.kind === 'refused') return <Ended error={step.error} request={step.request} />;
  if (job === undefined) return <ProgressBar label={t('importing.run.looking')} value={null} />;
  const { state } = job;
  switch (state.kind) {
    case 'queued':
    case 'running':
      return (
        <Running job={job} onStop={() => void api.call('job.cancel', { jobId: job.jobId }).catch(() => undefined)} />
      );
    case 'failed':
      return <Ended error={state.error} request={step.request} />;
    case 'cancelled':
      return <Ended error={null} request={step.request} />;
    case 'succeeded':
      return state.summary.kind === 'import' ? <Report report={state.summary} /> : null;
  }
}

function Running({ job, onStop }: { job: Job; onStop: () => void }) {
  const { state, label } = job;
  const far = state.kind === 'running' ? state : null;
  const total = far?.totalOctets ?? 0;
  return (
    <>
      <div className="importing-running">
        <ProgressBar
          label={far?.phase === 'importing' ? t('importing.run.bar', { what: label }) : t('importing.run.looking')}
          value={far === null || total === 0 ? null : Math.min(far.octets, total)}
          max={total}
          valueText={far?.phase === 'importing' ? farInWords(far, total) : ''}
        />
        <Button onPress={onStop}>{t('importing.run.stop')}</Button>
      </div>
      <p className="importing-muted">{t('importing.run.text')}</p>
    </>
  );
}

function farInWords({ done, octets }: { done: number; octets: number }, total: number): string {
  const size = formatSize(octets);
  return octets > total
    ? t('importing.run.far', { count: done, size })
    : t('importing.run.farOf', { count: done, size, total: formatSize(total) });
}

/** It did not come to its end. What came in is safe, and the rest comes with the next try. */
function Ended({ error, request }: { error: unknown; request: ImportRequest | null }) {
  const api = useApi();
  return (
    <>
      <FormError error={error} />
      {error === null && (
        <Banner level="warning" className="importing-banner">
          {t('importing.end.stopped')}
        </Banner>
      )}
      <div className="importing-acts">
        <Button onPress={backToWhere}>{t('importing.end.more')}</Button>
        {request !== null && (
          <Button variant="primary" onPress={() => startImport(api, request)}>
            {t('importing.end.goOn')}
          </Button>
        )}
      </div>
    </>
  );
}
