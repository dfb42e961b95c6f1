import { z } from 'zod';
import { MailError, toErrorData } from '../mail-error.ts';
import {
  type EventName,
  type Handlers,
  type MethodName,
  methods,
  type ParsedParams,
  type Payload,
  type Result,
} from './contract.ts';
import { Frame, protocolVersion } from './frame.ts';
import type { Transport } from './transport.ts';

export interface RpcServer {
  /** Serves one more client; ends when its transport closes. */
  attach(transport: Transport): () => void;
  /** Tells every client. */
  emit<E extends EventName>(name: E, payload: Payload<E>): void;
}

/**
 * Answers requests with the handlers. A method is looked up with `Object.hasOwn`, parameters and results are checked,
 * and whatever a handler throws leaves as data; what is not a `MailError` goes whole to `onUnexpected` first.
 */
export function createServer(handlers: Handlers, onUnexpected: (error: unknown, method: string) => void): RpcServer {
  const clients = new Set<Transport>();

  async function answer(name: string, params: unknown): Promise<unknown> {
    if (!isMethod(name)) throw new MailError('EINVALID', `Postrider has no method “${name.slice(0, 64)}”.`);
    return callMethod(handlers, name, params);
  }

  return {
    attach(transport) {
      clients.add(transport);
      transport.send({ kind: 'hello', version: protocolVersion });
      const stop = transport.onMessage((raw) => {
        const parsed = Frame.safeParse(raw);
        if (!parsed.success) return;
        const frame = parsed.data;
        if (frame.kind !== 'request') return;
        answer(frame.method, frame.params).then(
          (result) => transport.send({ kind: 'result', id: frame.id, result }),
          (error: unknown) => {
            if (!(error instanceof MailError)) onUnexpected(error, frame.method);
            transport.send({ kind: 'error', id: frame.id, error: toErrorData(error) });
          },
        );
      });
      const detach = (): void => {
        stop();
        clients.delete(transport);
      };
      transport.onClose(detach);
      return detach;
    },
    emit(name, payload) {
      for (const client of clients) client.send({ kind: 'event', name, payload });
    },
  };
}

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

const schemas: {
  readonly [M in MethodName]: { readonly params: z.ZodType<ParsedParams<M>>; readonly result: z.ZodType<Result<M>> };
} = methods;

async function callMethod<M extends MethodName>(handlers: Handlers, name: M, params: unknown): Promise<Result<M>> {
  const schema = schemas[name];
  const parsed = schema.params.safeParse(params);
  if (!parsed.success)
    throw new MailError('EINVALID', `That cannot be done as asked: ${z.prettifyError(parsed.error)}`);
  return schema.result.parse(await handlers[name](parsed.data));
}
