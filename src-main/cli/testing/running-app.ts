import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Api, createClient } from '#shared/rpc/client.ts';
import { connectControlSocket } from '../../host-node/control-socket.ts';

const main = join(import.meta.dirname, '..', '..', 'host-browser', 'main.ts');

/** The app, running without a window in a process of its own, and a client of it beside the commands. */
export interface RunningApp {
  readonly api: Api;
  close(): Promise<void>;
}

/** Starts it on a profile; `through` is put before its command line: `ip netns exec NAME`. */
export async function startApp(profileDir: string, through: readonly string[] = []): Promise<RunningApp> {
  const [program = '', ...line] = [...through, process.execPath, main, '--no-window', '--profile', profileDir];
  const child = spawn(program, line, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const said = createInterface({ input: child.stdout });
  const isReady = await Promise.race([once(said, 'line').then(() => true), ended.then(() => false)]);
  const transport = isReady ? await connectControlSocket(profileDir) : null;
  if (transport === null) {
    child.kill('SIGKILL');
    throw new Error('The app did not start.');
  }
  const api = createClient(transport);
  return {
    api,
    async close() {
      api.close();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}
