import type { Socket } from 'node:net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { AttemptStage } from '#shared/mail/outbox.ts';
import { noReply, type StageFailure, socketFailure, stopped } from './stage-failure.ts';

type Done<T> = (error: Error | null | undefined, value: T) => void;

/** Sees to it that every wait on a connection ends: by its answer, in time, or when it is called off. */
export interface Guard {
  /** The host, for messages. */
  readonly name: string;
  /** Runs one exchange of the library. Time out and abort end the connection. */
  during<T>(stage: AttemptStage, timeoutMs: number, signal: AbortSignal, start: (done: Done<T>) => void): Promise<T>;
  /** Begins the time of the current exchange anew, for another stage. */
  extend(stage: AttemptStage, timeoutMs: number): void;
  /** From here on a cancel no longer ends the current exchange: only its answer, or time, does. */
  ignoreAbort(): void;
  readonly isAlive: boolean;
  /** Why the connection was ended by us, if it was. */
  readonly ended: StageFailure | undefined;
  destroy(why?: StageFailure): void;
}

/** Watches one connection. The library reports some losses by event only, some by callback only: both end the wait. */
export function createGuard(connection: SMTPConnection, socket: Socket, name: string): Guard {
  let isAlive = true;
  let ended: StageFailure | undefined;
  let fail: ((error: unknown) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let timerDueAt = 0;
  let lastCall: NodeJS.Immediate | undefined;
  let dueAt = 0;
  let awaited: AttemptStage = 'mail';
  let stopListening: (() => void) | undefined;

  const lost = (error: unknown): void => {
    isAlive = false;
    fail?.(ended ?? error);
  };
  connection.on('error', lost);
  connection.on('end', () => lost(new Error('The connection ended.')));
  socket.once('close', () => {
    isAlive = false;
  });

  function destroy(why?: StageFailure): void {
    isAlive = false;
    ended ??= why;
    if (why !== undefined) fail?.(why);
    connection.close();
    socket.destroy();
  }

  /** A dialogue puts its end off at every step: the timer, once set, finds out by itself that there is more time. */
  function arm(stage: AttemptStage, timeoutMs: number): void {
    awaited = stage;
    dueAt = performance.now() + timeoutMs;
    if (timer !== undefined && timerDueAt <= dueAt) return;
    disarm();
    timerDueAt = dueAt;
    timer = setTimeout(look, timeoutMs);
  }

  function disarm(): void {
    clearTimeout(timer);
    clearImmediate(lastCall);
    timer = undefined;
  }

  function look(): void {
    timer = undefined;
    const leftMs = Math.ceil(dueAt - performance.now());
    if (leftMs > 0) arm(awaited, leftMs);
    // After a sleep, or a busy moment of ours, the answer may be here and not read yet: this turn reads it.
    else lastCall = setImmediate(() => destroy(noReply(awaited, 'ETIMEOUT', `${name} did not answer in time.`)));
  }

  return {
    name,
    async during<T>(stage: AttemptStage, timeoutMs: number, signal: AbortSignal, start: (done: Done<T>) => void) {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      fail = reject;
      const onAbort = (): void => destroy(stopped(stage, signal));
      signal.addEventListener('abort', onAbort, { once: true });
      stopListening = () => signal.removeEventListener('abort', onAbort);
      arm(stage, timeoutMs);
      try {
        if (signal.aborted) throw stopped(stage, signal);
        if (!isAlive || socket.destroyed) throw socketFailure(stage, ended ?? null, name);
        start((error, value) => {
          if (error !== null && error !== undefined) reject(ended ?? error);
          else resolve(value);
        });
        return await promise;
      } finally {
        disarm();
        stopListening?.();
        fail = undefined;
      }
    },
    extend: arm,
    ignoreAbort: () => stopListening?.(),
    get isAlive() {
      return isAlive && !socket.destroyed;
    },
    get ended() {
      return ended;
    },
    destroy,
  };
}
