import type { ChildProcess, Clock, Log, Resources, Spawn } from '../ports.ts';
import { ParseReply, type ParseRequest } from './parse-protocol.ts';

/** What a message may take of this machine. A large one takes a slow machine long to hand over alone: it gets more time. */
export const parseLimits = { timeMs: 5000, perMegabyteMs: 250, memoryMb: 512, startMs: 20_000 } as const;

export type ParseOutcome =
  | { readonly kind: 'answered'; readonly reply: ParseReply }
  /** The child was killed (`time`) or died by itself, mostly for want of memory (`died`). */
  | { readonly kind: 'gave-up'; readonly why: 'time' | 'died' };

export interface ParseProcess {
  /** Requests are answered one after the other; a hostile one costs only itself. */
  run(request: Omit<ParseRequest, 'id'>): Promise<ParseOutcome>;
  close(): Promise<void>;
}

interface Waiting {
  readonly request: ParseRequest;
  readonly resolve: (outcome: ParseOutcome) => void;
}

/** Keeps one child warm that reads messages; kills and replaces it when it goes past the limits. */
export function createParseProcess(rooms: {
  spawn: Spawn;
  resources: Resources;
  clock: Clock;
  log: Log;
}): ParseProcess {
  return new Keeper(rooms);
}

class Keeper implements ParseProcess {
  private readonly rooms: { spawn: Spawn; resources: Resources; clock: Clock; log: Log };
  private readonly queue: Waiting[] = [];
  private child: { readonly process: ChildProcess; isReady: boolean } | null = null;
  private current: Waiting | null = null;
  private cancelTimer: () => void = () => undefined;
  private lastId = 0;
  private isClosed = false;

  constructor(rooms: { spawn: Spawn; resources: Resources; clock: Clock; log: Log }) {
    this.rooms = rooms;
  }

  run(request: Omit<ParseRequest, 'id'>): Promise<ParseOutcome> {
    if (this.isClosed) return Promise.resolve({ kind: 'gave-up', why: 'died' });
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve) => {
      this.queue.push({ request: { ...request, id }, resolve });
      this.next();
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.giveUp('died');
    for (const { resolve } of this.queue.splice(0)) resolve({ kind: 'gave-up', why: 'died' });
  }

  private next(): void {
    if (this.current !== null || this.isClosed) return;
    const waiting = this.queue.shift();
    if (waiting === undefined) return;
    this.current = waiting;
    const child = this.child ?? this.startChild();
    if (child.isReady) this.ask(child.process, waiting);
    // The time of starting is not the message's fault, so it is counted apart.
    else this.cancelTimer = this.rooms.clock.after(parseLimits.startMs, () => this.giveUp('time'));
  }

  private ask(process: ChildProcess, { request }: Waiting): void {
    this.cancelTimer();
    const limitMs = parseLimits.timeMs + Math.floor(request.bytes.length / 1e6) * parseLimits.perMegabyteMs;
    this.cancelTimer = this.rooms.clock.after(limitMs, () => this.giveUp('time'));
    process.send(request);
  }

  private startChild(): { process: ChildProcess; isReady: boolean } {
    const entry = this.rooms.resources.worker('parse-child');
    const process = this.rooms.spawn.fork(entry, { memoryLimitMb: parseLimits.memoryMb });
    const child = { process, isReady: false };
    this.child = child;
    process.onMessage((message) => {
      // A child that was given up may still speak.
      if (this.child === child) this.hear(child, message);
    });
    process.onExit(() => {
      if (this.child === child) this.giveUp('died');
    });
    return child;
  }

  private hear(child: { process: ChildProcess; isReady: boolean }, message: unknown): void {
    const reply = ParseReply.safeParse(message);
    if (!reply.success) {
      this.rooms.log.error('The child that reads messages answered something else.', reply.error);
      this.giveUp('died');
      return;
    }
    if (reply.data.kind === 'ready') {
      child.isReady = true;
      if (this.current !== null) this.ask(child.process, this.current);
      return;
    }
    if (this.current?.request.id === reply.data.id) this.settle({ kind: 'answered', reply: reply.data });
  }

  /** Kills the child with what it is reading; the next request gets a new one. */
  private giveUp(why: 'time' | 'died'): void {
    const child = this.child;
    this.child = null;
    child?.process.kill();
    if (this.current === null) return;
    this.rooms.log.warn('Reading a message was given up.', { why, octets: this.current.request.bytes.length });
    this.settle({ kind: 'gave-up', why });
  }

  private settle(outcome: ParseOutcome): void {
    this.cancelTimer();
    this.cancelTimer = () => undefined;
    const waiting = this.current;
    this.current = null;
    waiting?.resolve(outcome);
    this.next();
  }
}
