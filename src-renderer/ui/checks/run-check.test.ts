import { expect, it } from 'vitest';
import { JobId } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import { type Api, createClient } from '#shared/rpc/client.ts';
import { createTransportPair } from '#shared/rpc/transport.ts';
import { type CheckRequest, type CheckRun, runCheck } from './run-check.ts';

const jobId = JobId.parse('job-1');
const endpoint = {
  endpoint: { host: 'relay.example', port: 587, security: 'starttls' },
  steps: [{ stage: 'resolve', outcome: 'ok', text: 'Found.', durationMs: 1 }],
  transcript: [],
};
const job = (state: unknown) => ({ jobId, jobKind: 'check', label: 'x', startedAt: '2026-01-01T00:00:00Z', state });
const report = {
  kind: 'check',
  ok: true,
  endpoints: [endpoint],
  verdictKind: 'works',
  verdict: 'It works.',
  advice: [],
};

/** A real client over a real transport, with the other end played by the test. */
function bench(): {
  api: Api;
  say: (frame: unknown) => void;
  heard: unknown[];
  runs: CheckRun[];
  settle: () => Promise<void>;
} {
  const [ours, theirs] = createTransportPair();
  const heard: unknown[] = [];
  theirs.onMessage((frame) => heard.push(frame));
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { api: createClient(ours), say: (frame) => theirs.send(frame), heard, runs: [], settle };
}
const request: CheckRequest = {
  kind: 'server',
  params: { server: { label: 'x', endpoints: [], auth: { method: 'none' } } },
};
const event = (name: string, payload: unknown) => ({ kind: 'event', name, payload });

it('misses nothing that is told before the id of the job is known', async () => {
  const { api, say, runs, settle } = bench();
  runCheck(api, request, (run) => runs.push(run));
  say(event('check.progress', { jobId, endpoint }));
  say(event('job.changed', job({ kind: 'succeeded', summary: report })));
  await settle();
  expect(runs.map(({ kind }) => kind)).toEqual(['running']);
  say({ kind: 'result', id: 1, result: { jobId } });
  await settle();
  expect(runs.map(({ kind }) => kind)).toEqual(['running', 'running', 'done']);
});

it('leaves the steps of other tests alone', async () => {
  const { api, say, runs, settle } = bench();
  runCheck(api, request, (run) => runs.push(run));
  say({ kind: 'result', id: 1, result: { jobId } });
  say(event('check.progress', { jobId: 'other', endpoint }));
  await settle();
  expect(runs).toHaveLength(1);
});

it('stops the job on the other side, and tells nothing afterwards', async () => {
  const { api, say, heard, runs, settle } = bench();
  const stop = runCheck(api, request, (run) => runs.push(run));
  say({ kind: 'result', id: 1, result: { jobId } });
  await settle();
  stop();
  await settle();
  say(event('job.changed', job({ kind: 'succeeded', summary: report })));
  await settle();
  expect(runs.at(-1)?.kind).toBe('stopped');
  expect(heard).toContainEqual(expect.objectContaining({ method: 'job.cancel', params: { jobId } }));
});

it('tells why it could not begin', async () => {
  const { api, say, runs, settle } = bench();
  runCheck(api, request, (run) => runs.push(run));
  say({ kind: 'error', id: 1, error: { code: 'EINVALID', message: 'No.' } });
  await settle();
  const last = runs.at(-1);
  expect(last?.kind === 'failed' && last.error instanceof MailError).toBe(true);
});
