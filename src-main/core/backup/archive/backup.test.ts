import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CoreOnAProfile, openCore } from '../../testing/core-on-a-profile.ts';
import { filesOf } from './testing/mailbox.ts';

let folder: string;
let core: CoreOnAProfile;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-backup-'));
  core = await openCore();
});
afterEach(async () => {
  await core.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('smoke', async () => {
  const { jobId } = await core.api.call('import.start', {
    path: join(import.meta.dirname, '../../../../assets/sample-mail'),
    folder: 'Inbox' as never,
  });
  console.log(JSON.stringify((await core.finished(jobId)).state));
  const out = join(folder, 'a.zip');
  const made = await core.finished((await core.api.call('backup.create', { out })).jobId);
  console.log(JSON.stringify(made.state));
  console.log(JSON.stringify((await core.finished((await core.api.call('backup.verify', { file: out })).jobId)).state));
  console.log(JSON.stringify(await core.api.call('backup.inspect', { file: out })));
  const other = await openCore();
  console.log(
    JSON.stringify((await other.finished((await other.api.call('backup.restore', { file: out })).jobId)).state),
  );
  expect(filesOf(join(other.profileDir, 'Mail'))).toEqual(filesOf(join(core.profileDir, 'Mail')));
  await other.dispose();
  await (await import('node:fs/promises')).cp(out, '/tmp/backup-sample.zip');
});
