import { MailError } from '#shared/mail-error.ts';
import { type Api, createClient } from '#shared/rpc/client.ts';
import { createTransportPair, type Transport } from '#shared/rpc/transport.ts';
import type { CollectsFrom } from '../core/app-core.ts';
import { connectControlSocket } from '../host-node/control-socket.ts';
import type { Profile } from '../host-node/profile.ts';
import { nodeProgram } from './node-program.ts';
import type { Program } from './program.ts';

/** The application as the command uses it: the one that runs already, or one made for this command. */
export interface App {
  readonly api: Api;
  readonly profile: Profile;
  /** Whether the application lives in this process. */
  readonly isOwn: boolean;
  /** Rejects when the connection is lost; never resolves. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

/** How long a command waits for another one that has the profile. */
const patienceMs = 30_000;
const lookAgainMs = 100;

/** How long the running app may say nothing at all before that is told, and before it is given up. */
const silence = { tellAfterMs: 5000, giveUpAfterMs: 30_000 };

/**
 * Reaches the application of a profile: through its control socket where one runs; otherwise takes the profile and makes
 * the core in this process. While another command has the profile, waits for it (`waitMs`, 0: not at all).
 * Throws `MailError` ELOCKED, EVERSION, ESETTINGS and what opening a profile may meet.
 */
export async function openApp(
  profile: Profile,
  options: {
    onWait: () => void;
    /** The app that runs was asked and says nothing: a sentence. */
    onSilence?: (text: string) => void;
    signal: AbortSignal;
    waitMs?: number;
    program?: Program;
    collects?: CollectsFrom;
  },
): Promise<App> {
  const { onWait, signal, waitMs = patienceMs } = options;
  const giveUpAt = performance.now() + waitMs;
  for (let isFirst = true; ; isFirst = false) {
    signal.throwIfAborted();
    const transport = await connectControlSocket(profile.profileDir);
    if (transport !== null) {
      const app = overSocket(profile, transport);
      watchForSilence(transport, options.onSilence ?? (() => undefined), silence);
      return app;
    }
    try {
      return await inProcess(profile, options);
    } catch (error) {
      if (!(error instanceof MailError) || error.code !== 'ELOCKED' || performance.now() >= giveUpAt) throw error;
    }
    if (isFirst) onWait();
    await pause(lookAgainMs, signal);
  }
}

/** An app that hangs, or was stopped, has the profile still: whoever waits for it is told, and not kept for ever. */
export function watchForSilence(
  transport: Transport,
  tell: (text: string) => void,
  { tellAfterMs, giveUpAfterMs }: { tellAfterMs: number; giveUpAfterMs: number },
): void {
  const timers = [
    setTimeout(() => tell('Postrider is open on this profile and does not answer. Waiting for it.'), tellAfterMs),
    setTimeout(() => {
      tell('It still does not answer. Close it, or end its process, and run the command again.');
      transport.close();
    }, giveUpAfterMs),
  ];
  const stop = (): void => timers.forEach(clearTimeout);
  transport.onMessage(stop);
  transport.onClose(stop);
}

function overSocket(profile: Profile, transport: Transport): App {
  const lost = lossOf(transport);
  const api = createClient(transport);
  return { api, profile, isOwn: false, lost, close: async () => api.close() };
}

async function inProcess(
  profile: Profile,
  { program = nodeProgram(), collects }: { program?: Program; collects?: CollectsFrom },
): Promise<App> {
  const own = await program.openCore(profile, collects);
  const [near, far] = createTransportPair();
  own.core.attach(far);
  const api = createClient(near);
  return {
    api,
    profile,
    isOwn: true,
    lost: lossOf(near),
    async close() {
      api.close();
      await own.close();
    },
  };
}

function lossOf(transport: Transport): Promise<never> {
  const lost = new Promise<never>((_, reject) => {
    transport.onClose(() => reject(new MailError('ECLOSED', 'Postrider was closed meanwhile. Run the command again.')));
  });
  lost.catch(() => undefined);
  return lost;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
