import type { KickReport } from '#shared/job.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { useApi } from '../../api.ts';
import { formatAgo, t } from '../../i18n/index.ts';
import { useConditions } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Details, ProgressRing, StateMark } from '../../ui/index.ts';
import { type JobRun, useJob } from '../../ui/use-job.ts';

/** Gives the stored kick at once and shows what came of it. */
export function KickNow({ server, isChanged }: { server: OutgoingServerView; isChanged: boolean }) {
  const api = useApi();
  const last = useConditions((state) => state.byServer[server.id]?.kick);
  const { run, start, cancel } = useJob(() => undefined);
  const isRunning = run.kind === 'starting' || (run.kind === 'begun' && isUnderWay(run));
  const needsSaving = isChanged || server.kick === undefined;
  return (
    <div className="servers-fields">
      <div className="servers-acts">
        <Button
          onPress={() => start(() => api.call('server.kick', { serverId: server.id }))}
          isDisabled={isRunning || needsSaving}
        >
          {t('outgoing-servers.kick.now')}
        </Button>
        {isRunning && (
          <Button variant="quiet" onPress={cancel}>
            {t('outgoing-servers.kick.stop')}
          </Button>
        )}
        {needsSaving && <span className="servers-muted">{t('outgoing-servers.kick.saveFirst')}</span>}
      </div>
      <div role="status">
        <Outcome run={run} />
        {run.kind === 'idle' && last !== undefined && (
          <p className="servers-muted">
            {t('outgoing-servers.kick.last', { when: formatAgo(last.at), text: last.text })}
          </p>
        )}
      </div>
      {run.kind === 'refused' && <FormError error={run.error} />}
      {run.kind === 'begun' && run.state.kind === 'failed' && <FormError error={run.state.error} />}
    </div>
  );
}

function isUnderWay({ state }: Extract<JobRun, { kind: 'begun' }>): boolean {
  return state.kind === 'queued' || state.kind === 'running';
}

function Outcome({ run }: { run: JobRun }) {
  if (run.kind === 'idle' || run.kind === 'refused') return null;
  if (run.kind === 'starting' || isUnderWay(run))
    return (
      <p className="ui-check-line">
        <ProgressRing label={null} value={null} />
        {t('outgoing-servers.kick.running')}
      </p>
    );
  if (run.state.kind === 'cancelled') return <p>{t('outgoing-servers.kick.stopped')}</p>;
  if (run.state.kind !== 'succeeded' || run.state.summary.kind !== 'kick') return null;
  return <Report report={run.state.summary} />;
}

function Report({ report }: { report: KickReport }) {
  return (
    <div className="servers-kick">
      <StateMark
        state={report.ok ? 'took-it' : 'refused'}
        word={report.ok ? t('outgoing-servers.kick.worked') : t('outgoing-servers.kick.failed')}
      />
      <p>{report.text}</p>
      {report.received > 0 && <p>{t('outgoing-servers.kick.received', { count: report.received })}</p>}
      {report.transcript.length > 0 && (
        <Details summary={t('delivery.check.transcript')} text={report.transcript.join('\n')} />
      )}
    </div>
  );
}
