// Queues COUNT small messages on PROFILE for the server at 127.0.0.1:PORT while sending is paused. Arguments: PROFILE PORT COUNT.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { benchCore } from './core.ts';
import { smallMessage } from './small-message.ts';

const [profileDir = '', port = '', count = ''] = process.argv.slice(2);
const { core, api } = await benchCore(profileDir);
const endpoints = [{ host: '127.0.0.1', port: Number(port), security: 'none' as const }];
await api.call('server.add', { label: 'Sink', endpoints });
await api.call('identity.add', { displayName: 'Bench', address: 'bench@example.org', route: { kind: 'any' } });
await api.call('settings.setPreferences', { sendingPaused: true });
await core.start();
const folder = join(profileDir, 'to-send');
await mkdir(folder);
const each = Array.from({ length: Number(count) }, async (_, index) => {
  const path = join(folder, `${index}.eml`);
  await writeFile(path, smallMessage(index));
  await api.call('outbox.submitFile', { path, options: { immediately: true } });
});
await Promise.all(each);
await core.close();
process.exit(0);
