import type { JobId } from '#shared/ids.ts';
import type { CheckedEndpoint, CheckReport, Job } from '#shared/job.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Api } from '#shared/rpc/client.ts';
import type { Params } from '#shared/rpc/contract.ts';

/** A live test as a screen sees it. */
export type CheckRun =
  | { readonly kind: 'idle'; readonly endpoints: readonly CheckedEndpoint[] }
  | { readonly kind: 'running'; readonly endpoints: readonly CheckedEndpoint[] }
  | { readonly kind: 'done'; readonly endpoints: readonly CheckedEndpoint[]; readonly report: CheckReport }
  | { readonly kind: 'failed'; readonly endpoints: readonly CheckedEndpoint[]; readonly error: unknown }
  | { readonly kind: 'stopped'; readonly endpoints: readonly CheckedEndpoint[] };

export type CheckRequest =
  | { readonly kind: 'account'; readonly params: Params<'check.account'> }
  | { readonly kind: 'server'; readonly params: Params<'check.server'> }
  | { readonly kind: 'host'; readonly params: Params<'check.host'> };

/**
 * Runs one test and tells each step. What the job says before its id is known is kept until then, so that nothing is
 * missed. The answer stops the test; afterwards nothing more is told.
 */
export function runCheck(api: Api, request: CheckRequest, onRun: (run: CheckRun) => void): () => void {
  const endpoints: CheckedEndpoint[] = [];
  const early: { jobId: JobId; tell: () => void }[] = [];
  let jobId: JobId | null = null;
  let isOver = false;

  function tell(run: CheckRun): void {
    if (isOver) return;
    if (run.kind !== 'running') finish();
    onRun(run);
  }
  function finish(): void {
    isOver = true;
    for (const off of offs) off();
  }
  function whenKnown(id: JobId, act: () => void): void {
    if (jobId === null) early.push({ jobId: id, tell: act });
    else if (jobId === id) act();
  }
  const offs = [
    api.on('check.progress', ({ jobId: id, endpoint }) =>
      whenKnown(id, () => {
        put(endpoints, endpoint);
        tell({ kind: 'running', endpoints: [...endpoints] });
      }),
    ),
    api.on('job.changed', (job) =>
      whenKnown(job.jobId, () => {
        const run = runOfJob(job, endpoints);
        if (run !== null) tell(run);
      }),
    ),
  ];

  onRun({ kind: 'running', endpoints: [] });
  begin(api, request).then(
    (started) => {
      jobId = started.jobId;
      if (isOver) void stop(api, jobId);
      for (const { jobId: id, tell: act } of early) if (id === jobId) act();
    },
    (error: unknown) => tell({ kind: 'failed', endpoints: [], error }),
  );
  return () => {
    const wasOver = isOver;
    tell({ kind: 'stopped', endpoints: [...endpoints] });
    if (jobId !== null && !wasOver) void stop(api, jobId);
  };
}

function begin(api: Api, request: CheckRequest): Promise<{ jobId: JobId }> {
  switch (request.kind) {
    case 'account':
      return api.call('check.account', request.params);
    case 'server':
      return api.call('check.server', request.params);
    case 'host':
      return api.call('check.host', request.params);
  }
}

async function stop(api: Api, jobId: JobId): Promise<void> {
  // A test that ended in the meantime cannot be stopped any more; that is as good.
  await api.call('job.cancel', { jobId }).catch(() => undefined);
}

function runOfJob({ state }: Job, endpoints: readonly CheckedEndpoint[]): CheckRun | null {
  switch (state.kind) {
    case 'queued':
    case 'running':
      return null;
    case 'cancelled':
      return { kind: 'stopped', endpoints: [...endpoints] };
    case 'failed':
      return { kind: 'failed', endpoints: [...endpoints], error: state.error };
    case 'succeeded':
      if (state.summary.kind === 'check')
        return { kind: 'done', endpoints: state.summary.endpoints, report: state.summary };
      return { kind: 'failed', endpoints, error: new MailError('EINTERNAL', 'The test answered something else.') };
  }
}

function put(endpoints: CheckedEndpoint[], endpoint: CheckedEndpoint): void {
  const nameOf = (one: CheckedEndpoint): string => `${endpointName(one.endpoint)} ${one.endpoint.security}`;
  const index = endpoints.findIndex((other) => nameOf(other) === nameOf(endpoint));
  if (index < 0) endpoints.push(endpoint);
  else endpoints[index] = endpoint;
}
