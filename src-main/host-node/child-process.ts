import { fork, type Serializable } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ChildProcess, Spawn } from '../core/ports.ts';

/** What Node itself takes beside the heap: code, stacks, the runtime. */
const baselineMb = 160;
const memoryCheckMs = 250;

/**
 * Children as Node processes of the same version, killed with SIGKILL. The heap is limited by V8; Buffers lie outside
 * of it, so where the system tells (Linux) the whole resident size is watched as well.
 */
export const nodeSpawn: Spawn = {
  fork(entry, { memoryLimitMb }): ChildProcess {
    const child = fork(fileURLToPath(entry), [], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${memoryLimitMb}`],
      // NODE_OPTIONS of the caller (an inspector's port) and secrets handed over by environment stay out of the child.
      env: pick(process.env, ['PATH', 'HOME', 'TZ', 'LANG', 'LC_ALL', 'TMPDIR', 'TEMP', 'SystemRoot']),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      windowsHide: true,
    });
    const stopWatching = watchMemory(child.pid, (memoryLimitMb + baselineMb) * 2 ** 20, () => child.kill('SIGKILL'));
    // Asked by `once`, so that a child that could not be started at all also counts as gone.
    const exitListeners = new Set<(code: number | null) => void>();
    let isGone = false;
    const gone = (code: number | null): void => {
      if (isGone) return;
      isGone = true;
      stopWatching();
      for (const listener of exitListeners) listener(code);
    };
    child.once('exit', gone);
    child.once('error', () => gone(null));
    return {
      send(message) {
        // A message to a child that has just died is lost with it; `onExit` tells.
        if (child.connected && isSendable(message)) child.send(message, () => undefined);
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void exitListeners.add(listener),
      kill: () => void child.kill('SIGKILL'),
    };
  },
};

/** A function or a symbol has no structured clone; nobody sends one. */
function isSendable(message: unknown): message is Serializable {
  return message !== undefined && typeof message !== 'function' && typeof message !== 'symbol';
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

function watchMemory(pid: number | undefined, limitOctets: number, onExceeded: () => void): () => void {
  if (process.platform !== 'linux' || pid === undefined) return () => undefined;
  const timer = setInterval(() => {
    readFile(`/proc/${pid}/status`, 'utf8').then(
      (status) => {
        const residentKb = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
        if (residentKb * 1024 > limitOctets) onExceeded();
      },
      () => undefined,
    );
  }, memoryCheckMs);
  timer.unref();
  return () => clearInterval(timer);
}
