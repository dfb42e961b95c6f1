import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ScannerSettings } from '#shared/mail/quarantine.ts';
import { type Api, createClient } from '#shared/rpc/client.ts';
import { createTransportPair } from '#shared/rpc/transport.ts';
import { noDesktop } from '../../host-node/no-desktop.ts';
import type { Desktop } from '../ports.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';

let opened: CoreOnAProfile | undefined;
afterEach(async () => {
  await opened?.dispose();
  opened = undefined;
});

/** A core, and a page of it. */
async function withPage(confirm?: Desktop['confirm']): Promise<{ core: CoreOnAProfile; page: Api; proof: string }> {
  const core = await openCore({ desktop: { ...noDesktop, ...(confirm === undefined ? {} : { confirm }) } });
  opened = core;
  const [near, far] = createTransportPair();
  core.core.attachPage(far);
  return { core, page: createClient(near), proof: join(core.profileDir, 'it-ran') };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

it('a page of a browser can neither set, nor try, nor switch on a program; the command can', async () => {
  const { core, page, proof } = await withPage();
  const program = { command: 'touch', arguments: [proof] };
  const refused = 'postrider quarantine scanner set';
  await expect(page.call('scanner.set', { patch: { ...program, isEnabled: true } })).rejects.toThrow(refused);
  await expect(page.call('scanner.set', { patch: program })).rejects.toThrow(refused);
  await expect(page.call('scanner.try', { scanner: ScannerSettings.parse(program) })).rejects.toThrow(refused);
  // Named by the command, or by a backup, but not switched on: a page cannot start it either.
  await core.api.call('scanner.set', { patch: { ...program, isEnabled: false } });
  await expect(page.call('scanner.set', { patch: { isEnabled: true } })).rejects.toThrow(refused);
  await expect(page.call('scanner.try', { scanner: ScannerSettings.parse(program) })).rejects.toThrow(refused);
  expect(await exists(proof)).toBe(false);

  await core.api.call('scanner.set', { patch: { isEnabled: true } });
  await expect(page.call('scanner.set', { patch: { arguments: ['-c', proof] } })).rejects.toThrow(refused);
  expect((await page.call('scanner.set', { patch: { timeLimitSeconds: 30 } })).settings.timeLimitSeconds).toBe(30);
  await page.call('scanner.try', { scanner: ScannerSettings.parse(program) });
  expect(await exists(proof)).toBe(true);
  expect((await page.call('scanner.set', { patch: { isEnabled: false } })).settings.isEnabled).toBe(false);
});

it('where the system can ask, it is asked with the whole command line, and No changes nothing', async () => {
  const asked: string[] = [];
  let answer = false;
  const { page, proof } = await withPage(async ({ detail }) => {
    asked.push(detail);
    return answer;
  });
  const patch = { command: 'touch', arguments: [proof], isEnabled: true };
  await expect(page.call('scanner.set', { patch })).rejects.toMatchObject({ code: 'ECANCELLED' });
  expect((await page.call('scanner.status', {})).settings).toMatchObject({ command: '', isEnabled: false });
  expect(asked).toEqual([expect.stringContaining(`touch\n${proof}\n`)]);
  answer = true;
  expect((await page.call('scanner.set', { patch })).settings).toMatchObject({ command: 'touch', isEnabled: true });
  // Allowed once, what leaves the program as it is asks no more.
  await page.call('scanner.set', { patch: { atOnce: 3 } });
  expect(asked).toHaveLength(2);
});

it('pages hear what happens, as every other screen', async () => {
  const { core, page } = await withPage();
  const heard = new Promise((resolve) => page.on('settings.changed', resolve));
  await core.api.call('settings.setPreferences', { density: 'compact' });
  expect(await heard).toMatchObject({ preferences: { density: 'compact' } });
});
