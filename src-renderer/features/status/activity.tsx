import { Activity as ActivityIcon, Square } from 'lucide-react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import type { Job } from '#shared/job.ts';
import { useApi } from '../../api.ts';
import { errorText, formatNumber, formatSize, t } from '../../i18n/index.ts';
import { useJobs } from '../../projection/stores.ts';
import { Icon, IconButton, ProgressBar, ProgressRing, StateMark, Tooltip } from '../../ui/index.ts';
import { failuresOf, isFinished } from './standing.ts';
import './activity.css';

const recentCount = 4;

/** A ring while something runs; behind it what, how far, and how to stop it. */
export function Activity() {
  const jobs = Object.values(useJobs((state) => state.byId)).filter((job) => job.jobKind !== 'check');
  const running = jobs.filter((job) => !isFinished(job));
  const recent = jobs
    .filter(isFinished)
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
    .slice(0, recentCount);
  const label = running.length === 0 ? t('status.activity') : t('status.activityRunning', { count: running.length });
  return (
    <DialogTrigger>
      <Tooltip text={label}>
        <AriaButton className="ui-icon-button" aria-label={label}>
          {running.length === 0 ? <Icon of={ActivityIcon} /> : <Ring jobs={running} />}
        </AriaButton>
      </Tooltip>
      <Popover className="ui-popover" placement="bottom end" offset={6}>
        <Dialog className="activity-panel" aria-label={t('status.activity')}>
          <h2>{t('status.activity')}</h2>
          {running.length === 0 && <p className="activity-muted">{t('status.activityNone')}</p>}
          {running.map((job) => (
            <Running key={job.jobId} job={job} />
          ))}
          {recent.map((job) => (
            <Finished key={job.jobId} job={job} />
          ))}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function Ring({ jobs }: { jobs: readonly Job[] }) {
  const states = jobs.flatMap(({ state }) => (state.kind === 'running' && state.total !== null ? [state] : []));
  const total = states.reduce((sum, state) => sum + (state.total ?? 0), 0);
  const done = states.reduce((sum, state) => sum + state.done, 0);
  return (
    <span className="activity-ring">
      <ProgressRing label={null} value={total === 0 ? null : done} max={total} size={18} />
    </span>
  );
}

function Running({ job }: { job: Job }) {
  const api = useApi();
  const { state } = job;
  const label = `${t(`status.job.${job.jobKind}`)}: ${job.label}`;
  const isCounted = state.kind === 'running' && state.total !== null && state.total > 0;
  return (
    <div className="activity-job">
      <ProgressBar
        label={label}
        value={isCounted ? state.done : null}
        max={isCounted ? (state.total ?? 1) : 1}
        valueText={state.kind === 'running' ? progressWords(state) : ''}
      />
      <IconButton
        label={t('status.activityStop', { what: label })}
        icon={Square}
        size="small"
        onPress={() => void api.call('job.cancel', { jobId: job.jobId })}
      />
    </div>
  );
}

function progressWords(state: Extract<Job['state'], { kind: 'running' }>): string {
  const counted =
    state.total === null ? formatNumber(state.done) : t('status.ofTotal', { done: state.done, total: state.total });
  return state.octets > 0 ? `${counted}, ${formatSize(state.octets)}` : counted;
}

function Finished({ job }: { job: Job }) {
  const { state } = job;
  const failures = failuresOf(job).map(({ error }) => error);
  return (
    <div className="activity-done">
      <span>
        {t(`status.job.${job.jobKind}`)} <span className="activity-muted">{job.label}</span>
      </span>
      {state.kind === 'failed' && <StateMark state="refused" word={errorText(state.error).headline} />}
      {state.kind === 'cancelled' && <StateMark state="passed-over" word={t('status.activityStopped')} />}
      {state.kind === 'succeeded' && failures.length === 0 && (
        <StateMark state="took-it" word={doneWords(state.summary)} />
      )}
      {failures.map((error) => (
        <StateMark key={error.code} state="refused" word={errorText(error).headline} />
      ))}
    </div>
  );
}

function doneWords(summary: Extract<Job['state'], { kind: 'succeeded' }>['summary']): string {
  if (summary.kind !== 'collect') return t('status.activityDone');
  const retrieved = summary.accounts.reduce((sum, account) => sum + account.retrieved + (account.beginnings ?? 0), 0);
  return retrieved === 0 ? t('status.collectedNone') : t('status.collected', { count: retrieved });
}
