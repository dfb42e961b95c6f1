import { fileURLToPath } from 'node:url';
import { app, utilityProcess } from 'electron';
import type { ChildProcess, Spawn } from '../core/ports.ts';

/** What Electron itself takes beside the heap: code, stacks, the runtime. */
const baselineMb = 256;
const memoryCheckMs = 500;

/**
 * Children as Electron's utility processes, which also run from inside an asar and where the `runAsNode` fuse is off.
 * Messages sent before the process has started wait for it. V8 limits the heap only; Buffers lie outside of it, so the
 * whole of a child is watched.
 */
export const utilitySpawn: Spawn = {
  fork(entry, { memoryLimitMb }): ChildProcess {
    const child = utilityProcess.fork(fileURLToPath(entry), [], {
      execArgv: [`--max-old-space-size=${memoryLimitMb}`],
      env: childEnvironment(process.env),
      stdio: 'ignore',
      serviceName: 'Postrider reader',
    });
    const kill = (): void => void child.kill();
    const stopWatching = watchMemory({ pid: () => child.pid, limitKb: (memoryLimitMb + baselineMb) * 1024, kill });
    let isGone = false;
    const exitListeners = new Set<(code: number | null) => void>();
    child.once('exit', (code) => {
      isGone = true;
      stopWatching();
      for (const listener of exitListeners) listener(code);
    });
    return {
      send(message) {
        if (!isGone) child.postMessage(message);
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void exitListeners.add(listener),
      kill,
    };
  },
};

/** What a system needs to start a program at all: Windows its own folder, an AppImage its libraries. */
const needed = ['SystemRoot', 'LD_LIBRARY_PATH'];

/** Nothing of ours, for it may hold secrets. The mark makes it some: of an empty one Electron makes its own, whole. */
export function childEnvironment(ours: NodeJS.ProcessEnv): Record<string, string> {
  const kept = needed.flatMap((name) => (ours[name] === undefined ? [] : [[name, ours[name]]]));
  return { POSTRIDER_READER: '1', ...Object.fromEntries(kept) };
}

interface Watched {
  /** Undefined until the process has started. */
  pid(): number | undefined;
  readonly limitKb: number;
  kill(): void;
}

const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;

/** One look at all of them at a time. The answer ends the watch. */
function watchMemory(one: Watched): () => void {
  watched.add(one);
  timer ??= setInterval(look, memoryCheckMs).unref();
  return () => {
    watched.delete(one);
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function look(): void {
  const metrics = app.getAppMetrics();
  for (const one of watched) {
    const pid = one.pid();
    const found = pid === undefined ? undefined : metrics.find((metric) => metric.pid === pid);
    if (found !== undefined && found.memory.workingSetSize > one.limitKb) one.kill();
  }
}
