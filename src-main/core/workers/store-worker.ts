import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { readOutline } from '../message/read-outline.ts';
import { serveStore } from '../store/serve-store.ts';

// The worker thread's composition root: the store does not import the message room, so the reader is handed in here.
if (parentPort === null) throw new Error('This module runs as a worker thread.');
const [options] = await once(parentPort, 'message');
await serveStore(parentPort, options, readOutline);
