import { fileURLToPath } from 'node:url';
import { utilityProcess } from 'electron';
import type { ChildProcess, Spawn } from '../core/ports.ts';

/**
 * Children as Electron's utility processes, which also run from inside an asar and where the `runAsNode` fuse is off.
 * Messages sent before the process has started wait for it.
 */
export const utilitySpawn: Spawn = {
  fork(entry, { memoryLimitMb }): ChildProcess {
    const child = utilityProcess.fork(fileURLToPath(entry), [], {
      execArgv: [`--max-old-space-size=${memoryLimitMb}`],
      env: {},
      stdio: 'ignore',
      serviceName: 'Postrider reader',
    });
    let isGone = false;
    const exitListeners = new Set<(code: number | null) => void>();
    child.once('exit', (code) => {
      isGone = true;
      for (const listener of exitListeners) listener(code);
    });
    return {
      send(message) {
        if (!isGone) child.postMessage(message);
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void exitListeners.add(listener),
      kill: () => void child.kill(),
    };
  },
};
