import { type ParseReply, ParseRequest } from '../message/parse-protocol.ts';
import { readMessage, readParts, writeAnswer } from '../message/read-message.ts';

// The child that reads messages. A hostile message can only take this process with it: the parent kills it when it
// takes too long or too much memory. Runs under Node (`process.send`) and as an Electron utility process (`parentPort`).

interface Port {
  send(reply: ParseReply): void;
  onMessage(listener: (message: unknown) => void): void;
}

interface UtilityPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

function isUtilityPort(value: unknown): value is UtilityPort {
  return typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value;
}

function openPort(): Port {
  const parentPort: unknown = Reflect.get(process, 'parentPort');
  if (isUtilityPort(parentPort)) {
    return {
      send: (reply) => parentPort.postMessage(reply),
      onMessage: (listener) => parentPort.on('message', (event) => listener(event.data)),
    };
  }
  return {
    send: (reply) => void process.send?.(reply),
    onMessage: (listener) => void process.on('message', listener),
  };
}

const port = openPort();

async function answer(request: ParseRequest): Promise<ParseReply> {
  const { id, kind, bytes, partIds, answer: wish } = request;
  try {
    if (kind === 'parts') return { kind, id, parts: await readParts(bytes, partIds) };
    if (kind === 'answer') return { kind, id, calendar: writeAnswer(bytes, wish) };
    return { kind, id, message: await readMessage(bytes) };
  } catch (error) {
    return { kind: 'failed', id, reason: error instanceof Error ? error.message : 'unknown' };
  }
}

port.onMessage((message) => {
  const request = ParseRequest.safeParse(message);
  if (request.success) void answer(request.data).then((reply) => port.send(reply));
});
// Without its parent nobody would ever end it.
process.on('disconnect', () => process.exit(0));
port.send({ kind: 'ready' });
