import type { ReactNode } from 'react';
import type { JobSummary } from '#shared/job.ts';
import { formatNumber, formatSize, t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, ProgressBar } from '../../ui/index.ts';
import type { JobRun } from '../../ui/use-job.ts';

/** How a job stands: how far it is and how to stop it, or what came of it. */
export function JobView(props: { run: JobRun; onCancel: () => void; children: (summary: JobSummary) => ReactNode }) {
  const { run, onCancel, children } = props;
  switch (run.kind) {
    case 'idle':
      return null;
    case 'starting':
      return <Running label={t('backup.running', { what: '…' })} value={null} words="" onCancel={onCancel} />;
    case 'refused':
      return <FormError error={run.error} />;
    case 'begun':
      break;
  }
  const { state } = run;
  switch (state.kind) {
    case 'queued':
      return <Running label={t('backup.running', { what: run.label })} value={null} words="" onCancel={onCancel} />;
    case 'running':
      return (
        <Running
          label={t('backup.running', { what: run.label })}
          value={state.total === null ? null : state.done}
          max={state.total ?? undefined}
          words={progressInWords(state)}
          onCancel={onCancel}
        />
      );
    case 'succeeded':
      return <div role="status">{children(state.summary)}</div>;
    case 'failed':
      return <FormError error={state.error} />;
    case 'cancelled':
      return <p role="status">{t('backup.stopped')}</p>;
  }
}

function progressInWords({ done, total, octets }: { done: number; total: number | null; octets: number }): string {
  const size = formatSize(octets);
  return total === null
    ? t('backup.progress.open', { done: formatNumber(done), size })
    : t('backup.progress', { done: formatNumber(done), total: formatNumber(total), size });
}

function Running(props: { label: string; value: number | null; max?: number; words: string; onCancel: () => void }) {
  return (
    <div className="backup-running">
      <ProgressBar label={props.label} value={props.value} max={props.max} valueText={props.words} />
      <Button size="small" onPress={props.onCancel}>
        {t('backup.stop')}
      </Button>
    </div>
  );
}
