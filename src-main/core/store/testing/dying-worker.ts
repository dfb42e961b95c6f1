import { parentPort } from 'node:worker_threads';

// Opens when it is told where, and falls over at the first call.
parentPort?.once('message', () => {
  parentPort?.on('message', () => {
    throw new Error('out of memory, say');
  });
  parentPort?.postMessage([{ kind: 'ready' }]);
});
