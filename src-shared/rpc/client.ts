import type { z } from 'zod';
import { MailError } from '../mail-error.ts';
import {
  type EventName,
  events,
  type MethodName,
  methods,
  type Params,
  type Payload,
  type Result,
} from './contract.ts';
import { Frame, protocolVersion } from './frame.ts';
import type { Transport } from './transport.ts';

/** The application as seen from a screen or the command. */
export interface Api {
  /** Calls a method. Throws `MailError`. */
  call<M extends MethodName>(name: M, params: Params<M>): Promise<Result<M>>;
  /** Listens to an event; the answer stops listening. */
  on<E extends EventName>(name: E, listener: (payload: Payload<E>) => void): () => void;
  close(): void;
}

interface Waiting {
  readonly settle: (result: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** Speaks the contract over a transport. Every result and event is checked before it is handed on. */
export function createClient(transport: Transport): Api {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  let nextId = 1;
  let isClosed = false;

  transport.send({ kind: 'hello', version: protocolVersion });

  transport.onMessage((raw) => {
    const parsed = Frame.safeParse(raw);
    if (!parsed.success) return;
    const frame = parsed.data;
    switch (frame.kind) {
      case 'result':
        take(waiting, frame.id)?.settle(frame.result);
        break;
      case 'error':
        take(waiting, frame.id)?.fail(MailError.fromData(frame.error));
        break;
      case 'event':
        for (const listener of listeners.get(frame.name) ?? []) listener(frame.payload);
        break;
      case 'hello':
        if (frame.version !== protocolVersion)
          closeAll(new MailError('EVERSION', 'The running Postrider is of another version. Close it and try again.'));
        break;
      case 'request':
        break;
    }
  });

  function closeAll(error: MailError): void {
    isClosed = true;
    for (const entry of waiting.values()) entry.fail(error);
    waiting.clear();
  }
  transport.onClose(() => closeAll(new MailError('ECLOSED', 'The connection to Postrider was closed.')));

  return {
    async call<M extends MethodName>(name: M, params: Params<M>): Promise<Result<M>> {
      if (isClosed) throw new MailError('ECLOSED', 'The connection to Postrider was closed.');
      const id = nextId++;
      const answer = new Promise<unknown>((settle, fail) => waiting.set(id, { settle, fail }));
      transport.send({ kind: 'request', id, method: name, params });
      const schema: z.ZodType<Result<M>> = resultSchema(name);
      return schema.parse(await answer);
    },
    on<E extends EventName>(name: E, listener: (payload: Payload<E>) => void): () => void {
      const schema: z.ZodType<Payload<E>> = eventSchema(name);
      const checked = (payload: unknown): void => {
        const parsed = schema.safeParse(payload);
        if (parsed.success) listener(parsed.data);
      };
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(checked));
      return () => set.delete(checked);
    },
    close: () => transport.close(),
  };
}

function take(waiting: Map<number, Waiting>, id: number): Waiting | undefined {
  const entry = waiting.get(id);
  waiting.delete(id);
  return entry;
}

// The two look-ups below are where a generic key meets a record of schemas: TypeScript cannot follow the indexed
// access through zod's own generics, so the mapped types say it once, here.
const resultSchemas: { readonly [M in MethodName]: { readonly result: z.ZodType<Result<M>> } } = methods;
function resultSchema<M extends MethodName>(name: M): z.ZodType<Result<M>> {
  return resultSchemas[name].result;
}
const eventSchemas: { readonly [E in EventName]: z.ZodType<Payload<E>> } = events;
function eventSchema<E extends EventName>(name: E): z.ZodType<Payload<E>> {
  return eventSchemas[name];
}
