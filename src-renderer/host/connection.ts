import { MailError } from '#shared/mail-error.ts';
import { type Api, createClient } from '#shared/rpc/client.ts';
import type { EventName, MethodName, Params, Payload, Result } from '#shared/rpc/contract.ts';
import { NoSessionError } from './browser-host.ts';
import type { ConnectionState, Host } from './host.ts';

export interface Connection {
  /** One `Api` for the life of the page, whatever happens to the connections under it. */
  readonly api: Api;
  /** Told every change, and where it stands at once. */
  watch(listener: (state: ConnectionState) => void): () => void;
  /** Tries now instead of at the next turn. */
  retryNow(): void;
}

const longestPauseMs = 10_000;

/**
 * Keeps a connection to the application. A call made while there is none waits for the next; a call that was under way when
 * it broke fails with ECLOSED, because nobody knows whether it was carried out. Events are listened to anew by themselves.
 */
export function createConnection(host: Pick<Host, 'connect'>): Connection {
  const keeper = new ConnectionKeeper(host);
  keeper.start();
  return { api: keeper, watch: (listener) => keeper.watch(listener), retryNow: () => keeper.retryNow() };
}

interface Listening {
  /** Attaches to another client; the answer detaches. */
  readonly attach: (client: Api) => () => void;
  detach: () => void;
}

class ConnectionKeeper implements Api {
  readonly #host: Pick<Host, 'connect'>;
  readonly #watchers = new Set<(state: ConnectionState) => void>();
  readonly #listening = new Set<Listening>();
  #client: Api | null = null;
  #state: ConnectionState = { kind: 'connecting' };
  #waiting: ((client: Api | MailError) => void)[] = [];
  #wake: (() => void) | null = null;
  #isClosed = false;

  constructor(host: Pick<Host, 'connect'>) {
    this.#host = host;
  }

  start(): void {
    void this.#connect(0);
  }

  watch(listener: (state: ConnectionState) => void): () => void {
    this.#watchers.add(listener);
    listener(this.#state);
    return () => this.#watchers.delete(listener);
  }

  retryNow(): void {
    this.#wake?.();
  }

  async call<M extends MethodName>(name: M, params: Params<M>): Promise<Result<M>> {
    const client = this.#client ?? (await this.#nextClient());
    return client.call(name, params);
  }

  on<E extends EventName>(name: E, listener: (payload: Payload<E>) => void): () => void {
    const listening: Listening = { attach: (client) => client.on(name, listener), detach: () => undefined };
    this.#listening.add(listening);
    if (this.#client !== null) listening.detach = listening.attach(this.#client);
    return () => {
      listening.detach();
      this.#listening.delete(listening);
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#client?.close();
    this.#wake?.();
  }

  #nextClient(): Promise<Api> {
    return new Promise((settle, fail) => {
      this.#waiting.push((client) => {
        if (client instanceof MailError) fail(client);
        else settle(client);
      });
      if (this.#state.kind === 'lost') this.#answerWaiting(gone());
    });
  }

  async #connect(failures: number): Promise<void> {
    if (this.#isClosed) return;
    try {
      const transport = await this.#host.connect();
      const client = createClient(transport);
      transport.onClose(() => this.#onClosed());
      this.#client = client;
      for (const listening of this.#listening) listening.detach = listening.attach(client);
      this.#answerWaiting(client);
      this.#tell({ kind: 'open' });
    } catch (error) {
      if (error instanceof NoSessionError) {
        this.#tell({ kind: 'lost' });
        this.#answerWaiting(gone());
        return;
      }
      await this.#pause(failures + 1);
      await this.#connect(failures + 1);
    }
  }

  #onClosed(): void {
    if (this.#client === null) return;
    this.#client = null;
    for (const listening of this.#listening) listening.detach();
    void this.#pause(1).then(() => this.#connect(1));
  }

  #pause(attempt: number): Promise<void> {
    const pauseMs = Math.min(longestPauseMs, 250 * 2 ** (attempt - 1));
    this.#tell({ kind: 'reconnecting', attempt, nextTryAt: Date.now() + pauseMs });
    return new Promise((settle) => {
      const timer = setTimeout(settle, pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        settle();
      };
    });
  }

  #answerWaiting(client: Api | MailError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const settle of waiting) settle(client);
  }

  #tell(state: ConnectionState): void {
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state);
  }
}

function gone(): MailError {
  return new MailError('ECLOSED', 'This window lost its connection to Postrider. Open it again from Postrider.');
}
