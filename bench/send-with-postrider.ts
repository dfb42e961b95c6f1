// Sends COUNT small messages through 127.0.0.1:PORT with a core on PROFILE, and prints the seconds from the first
// submission to the last acceptance. Arguments: PROFILE PORT COUNT.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { benchCore } from './core.ts';
import { smallMessage } from './small-message.ts';

const [profileDir = '', port = '', count = ''] = process.argv.slice(2);
const total = Number(count);
const { core, api } = await benchCore(profileDir);
await api.call('server.add', {
  label: 'Sink',
  endpoints: [{ host: '127.0.0.1', port: Number(port), security: 'none' }],
});
await api.call('identity.add', { displayName: 'Bench', address: 'bench@example.org', route: { kind: 'any' } });
await core.start();

const folder = join(profileDir, 'to-send');
await mkdir(folder);
const paths = Array.from({ length: total }, (_, index) => join(folder, `${index}.eml`));
for (const [index, path] of paths.entries()) await writeFile(path, smallMessage(index));

const sent = new Set<string>();
const allSent = new Promise<void>((resolve, reject) => {
  api.on('outbox.changed', (item) => {
    if (item.state === 'sent') sent.add(item.outboxId);
    if (item.state === 'failed' || item.state === 'held') reject(new Error(item.explanation));
    if (sent.size === total) resolve();
  });
});
const begin = performance.now();
await Promise.all(paths.map((path) => api.call('outbox.submitFile', { path, options: { immediately: true } })));
await allSent;
console.log(((performance.now() - begin) / 1000).toFixed(3));
await core.close();
process.exit(0);
