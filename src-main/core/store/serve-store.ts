import type { MessagePort } from 'node:worker_threads';
import { MailError, toErrorData } from '#shared/mail-error.ts';
import type { ReadOutline } from '../outline.ts';
import type { Log } from '../ports.ts';
import { noteDamage } from './index-schema.ts';
import { openEngine } from './store-engine.ts';
import { isCorrupt, mapStoreError } from './store-errors.ts';
import type { EngineMethods, ToWorker, WorkerOptions } from './store-protocol.ts';

/** The worker's side: opens the engine and answers calls until it is told to close. */
export async function serveStore(port: MessagePort, options: WorkerOptions, readOutline: ReadOutline): Promise<void> {
  const log = portLog(port);
  try {
    const engine = await openEngine({
      ...options,
      readOutline,
      log,
      emit: (change) => port.postMessage({ kind: 'changed', change }),
    });
    listen(port, engine, options, log);
    port.postMessage({ kind: 'ready' });
  } catch (error) {
    port.postMessage({ kind: 'failedToOpen', error: errorData(error, log) });
    port.close();
  }
}

function portLog(port: MessagePort): Log {
  const post = (level: 'info' | 'warn' | 'error', message: string, details: unknown): void =>
    port.postMessage({ kind: 'log', level, message, details });
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

function listen(port: MessagePort, engine: EngineMethods, options: WorkerOptions, log: Log): void {
  const methods: Record<string, (...args: never[]) => Promise<unknown>> = { ...engine };
  const aborts = new Map<number, AbortController>();

  function answer(id: number, value: unknown): void {
    const isBytes = value instanceof Uint8Array && value.buffer instanceof ArrayBuffer;
    port.postMessage({ kind: 'answer', id, value }, isBytes ? [value.buffer] : []);
  }

  async function rebuild(id: number): Promise<void> {
    const abort = new AbortController();
    aborts.set(id, abort);
    const report = (done: number, total: number): void => port.postMessage({ kind: 'progress', id, done, total });
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
      port.postMessage({ kind: 'refusal', id: message.id, error: errorData(error, log) });
    }
    if (message.kind === 'call' && message.method === 'close') port.close();
  }

  port.on('message', (message: ToWorker) => {
    if (message.kind === 'abort') aborts.get(message.id)?.abort();
    else void take(message);
  });
}
