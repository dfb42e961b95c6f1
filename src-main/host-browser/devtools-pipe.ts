import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';

/** The little of the DevTools protocol that brings a window to the front. https://chromedevtools.github.io/devtools-protocol/ */
export interface DevtoolsPipe {
  targets(): Promise<Target[]>;
  activate(targetId: string): Promise<void>;
  /** Undoes minimizing; a maximized window stays so. */
  showNormally(targetId: string): Promise<void>;
}

const Target = z.object({ targetId: z.string(), type: z.string(), url: z.string() });
type Target = z.infer<typeof Target>;
const Targets = z.object({ targetInfos: z.array(Target) });
const Window = z.object({ windowId: z.number(), bounds: z.object({ windowState: z.string().optional() }) });
const Answer = z.object({ id: z.number(), result: z.unknown().optional(), error: z.unknown().optional() });

const answerTimeoutMs = 3000;
const maxPendingOctets = 4 * 2 ** 20;

/** Speaks over the two pipes of `--remote-debugging-pipe`: JSON, each message ended by a zero octet. */
export function createDevtoolsPipe(toBrowser: Writable, fromBrowser: Readable): DevtoolsPipe {
  const waiting = new Map<number, (answer: z.infer<typeof Answer>) => void>();
  let nextId = 1;
  let pending = '';

  toBrowser.on('error', () => undefined);
  fromBrowser.on('error', () => undefined);
  fromBrowser.setEncoding('utf8');
  fromBrowser.on('data', (chunk: string) => {
    const messages = (pending + chunk).split('\0');
    pending = messages.pop() ?? '';
    // What is never ended is no answer to us.
    if (pending.length > maxPendingOctets) pending = '';
    for (const message of messages) take(message);
  });

  function take(message: string): void {
    const answer = Answer.safeParse(parseJson(message));
    if (!answer.success) return;
    waiting.get(answer.data.id)?.(answer.data);
    waiting.delete(answer.data.id);
  }

  function call(method: string, params: Record<string, unknown>): Promise<unknown> {
    const id = nextId++;
    return new Promise((settle, fail) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        fail(new Error(`The browser did not answer ${method}.`));
      }, answerTimeoutMs);
      timer.unref();
      waiting.set(id, (answer) => {
        clearTimeout(timer);
        if (answer.error === undefined) settle(answer.result);
        else fail(new Error(`The browser refused ${method}.`));
      });
      toBrowser.write(`${JSON.stringify({ id, method, params })}\0`);
    });
  }

  return {
    targets: async () => Targets.parse(await call('Target.getTargets', {})).targetInfos,
    async activate(targetId) {
      await call('Target.activateTarget', { targetId });
    },
    async showNormally(targetId) {
      const { windowId, bounds } = Window.parse(await call('Browser.getWindowForTarget', { targetId }));
      if (bounds.windowState !== 'minimized') return;
      await call('Browser.setWindowBounds', { windowId, bounds: { windowState: 'normal' } });
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
