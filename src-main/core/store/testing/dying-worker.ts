import { parentPort } from 'node:worker_threads';

// Opens, and falls over at the first call.
parentPort?.postMessage([{ kind: 'ready' }]);
parentPort?.on('message', () => {
  throw new Error('out of memory, say');
});
