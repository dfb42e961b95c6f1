import type { MessagePort } from 'node:worker_threads';
import { MailError, toErrorData } from '#shared/mail-error.ts';
import type { ReadOutline } from '../outline.ts';
import type { Log } from '../ports.ts';
import { createFrameBatch, type FrameBatch } from './frame-batch.ts';
import { noteDamage } from './index-schema.ts';
import { openEngine } from './store-engine.ts';
import { isCorrupt, mapStoreError } from './store-errors.ts';
import type { EngineMethods, FromWorker, ToWorker, WorkerOptions } from './store-protocol.ts';

/** Answers of one turn, and those of one commit, travel together. */
type Out = FrameBatch<Said>;

/** As `FromWorker`; here the answers are still of the types the methods give them. */
type Said =
  | Exclude<FromWorker, { kind: 'answer' }>
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown };

/** The worker's side: opens the engine and answers calls until it is told to close. */
export async function serveStore(port: MessagePort, options: WorkerOptions, readOutline: ReadOutline): Promise<void> {
  const out = createFrameBatch<Said>(port, process.nextTick, (frame, error) => {
    if (frame.kind === 'answer') out.post({ kind: 'refusal', id: frame.id, error: toErrorData(error) });
  });
  const log = portLog(out);
  try {
    const engine = await openEngine({
      ...options,
      readOutline,
      log,
      emit: (change) => out.post({ kind: 'changed', change }),
    });
    listen({ port, out }, engine, options, log);
    out.post({ kind: 'ready' });
  } catch (error) {
    out.post({ kind: 'failedToOpen', error: errorData(error, log) });
    out.flush();
    port.close();
  }
}

function portLog(out: Out): Log {
  const post = (level: 'info' | 'warn' | 'error', message: string, details: unknown): void =>
    out.post({ kind: 'log', level, message, details });
  return {
    info: (message, details) => post('info', message, details),
    warn: (message, details) => post('warn', message, details),
    error: (message, error) => post('error', message, error instanceof Error ? error.stack : String(error)),
  };
}

/** What is no fault of disk or input is logged whole here; across the border goes data. */
function errorData(error: unknown, log: Log): ReturnType<typeof toErrorData> {
  const mapped = mapStoreError(error);
  if (!(mapped instanceof MailError)) log.error('The mail store failed.', mapped);
  else if (mapped.cause !== undefined) log.error(mapped.message, mapped.cause);
  return toErrorData(mapped);
}

function listen(
  { port, out }: { port: MessagePort; out: Out },
  engine: EngineMethods,
  options: WorkerOptions,
  log: Log,
): void {
  const methods: Record<string, (...args: never[]) => Promise<unknown>> = { ...engine };
  const aborts = new Map<number, AbortController>();

  function answer(id: number, value: unknown): void {
    const isBytes = value instanceof Uint8Array && value.buffer instanceof ArrayBuffer;
    out.post({ kind: 'answer', id, value }, isBytes ? [value.buffer] : []);
  }

  async function rebuild(id: number): Promise<void> {
    const abort = new AbortController();
    aborts.set(id, abort);
    const report = (done: number, total: number): void => out.post({ kind: 'progress', id, done, total });
    try {
      answer(id, await engine.rebuildIndex(report, abort.signal));
    } finally {
      aborts.delete(id);
    }
  }

  async function take(message: Exclude<ToWorker, { kind: 'abort' }>): Promise<void> {
    try {
      if (message.kind === 'rebuild') return await rebuild(message.id);
      const method = Object.hasOwn(methods, message.method) ? methods[message.method] : undefined;
      if (method === undefined) throw new TypeError(`The store has no method ${message.method}.`);
      answer(message.id, await method(...message.args));
    } catch (error) {
      if (isCorrupt(error)) noteDamage(options.profileDir);
      out.post({ kind: 'refusal', id: message.id, error: errorData(error, log) });
    }
    if (message.kind !== 'call' || message.method !== 'close') return;
    out.flush();
    port.close();
  }

  port.on('message', (messages: readonly ToWorker[]) => {
    for (const message of messages) {
      if (message.kind === 'abort') aborts.get(message.id)?.abort();
      else void take(message);
    }
  });
}
