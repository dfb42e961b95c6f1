// Sends COUNT small messages through 127.0.0.1:PORT with a core on PROFILE. Prints as JSON the seconds from the first
// submission until the last is in Sent, and until a server took the first. Servers at DEAD ports stand ahead of the good
// one. Arguments: PROFILE PORT COUNT [DEAD ...].
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folder } from '#shared/mail/folder.ts';
import { benchCore } from './core.ts';
import { smallMessage } from './small-message.ts';

const [profileDir = '', port = '', count = '', ...dead] = process.argv.slice(2);
const total = Number(count);
const { core, api } = await benchCore(profileDir);
for (const at of [...dead, port]) {
  const endpoints = [{ host: '127.0.0.1', port: Number(at), security: 'none' as const }];
  await api.call('server.add', { label: at === port ? 'Sink' : `Dead at ${at}`, endpoints });
}
await api.call('identity.add', { displayName: 'Bench', address: 'bench@example.org', route: { kind: 'any' } });
await core.start();

const toSend = join(profileDir, 'to-send');
await mkdir(toSend);
const paths = Array.from({ length: total }, (_, index) => join(toSend, `${index}.eml`));
for (const [index, path] of paths.entries()) await writeFile(path, smallMessage(index));

let begin = 0;
const times: [number, string, string][] = [];
api.on('outbox.attempting', ({ attempt }) => {
  times.push([Math.round(performance.now() - begin), attempt.outcome, attempt.endpoint]);
});
let queued = 0;
api.on('outbox.changed', (i) => {
  if (i.state === 'queued') queued = performance.now() - begin;
});
let firstSeconds = 0;
const stopListening = api.on('outbox.attempting', ({ attempt }) => {
  if (attempt.outcome !== 'accepted') return;
  firstSeconds = (performance.now() - begin) / 1000;
  stopListening();
});
const allSent = new Promise<void>((resolve) => {
  let sent = 0;
  api.on('outbox.removed', () => {
    sent += 1;
    if (sent === total) resolve();
  });
});
const cpuBefore = process.cpuUsage();
begin = performance.now();
await Promise.all(paths.map((path) => api.call('outbox.submitFile', { path, options: { immediately: true } })));
await allSent;
const seconds = (performance.now() - begin) / 1000;
const cpu = process.cpuUsage(cpuBefore);
const cpuSeconds = (cpu.user + cpu.system) / 1e6;
const folders = await api.call('folder.list', {});
const inSent = folders.find((each) => each.folder === folder.sent)?.total;
if (inSent !== total) throw new Error(`${inSent} of ${total} messages are in Sent.`);
const acc = times.filter((t) => t[1] === 'accepted').map((t) => t[0]);
console.error(
  'accepted at',
  [0, 1, 2, 5, 10, 50, 100, 200, 400, 600, 800, 900, 950, 990, 999].map((i) => `${i}:${acc[i]}`).join(' '),
  'others',
  JSON.stringify(times.filter((t) => t[1] !== 'accepted')),
  'last queued change',
  Math.round(queued),
);
console.log(JSON.stringify({ seconds, firstSeconds, cpuSeconds }));
await core.close();
process.exit(0);
