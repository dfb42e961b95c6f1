import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CoreOnAProfile, openCore } from '../../core/testing/core-on-a-profile.ts';
import { createOutput } from '../output.ts';
import { verb } from './contacts.ts';

let core: CoreOnAProfile;

beforeEach(async () => {
  core = await openCore();
});
afterEach(() => core.dispose());

/** What the command prints and how it ends, in the profile's folder. */
async function contacts(...args: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      said += String(chunk);
      done();
    },
  });
  const code = await verb.run({
    args: args.filter((arg) => arg !== '--json'),
    out: createOutput({ stdout, stderr: stdout }, args.includes('--json')),
    stdin: new PassThrough(),
    env: {},
    cwd: core.profileDir,
    profile: core.profileDir,
    signal: new AbortController().signal,
    app: async () => ({
      api: core.api,
      profile: { profileDir: core.profileDir, mailFolder: join(core.profileDir, 'Mail') },
      isOwn: false,
      lost: new Promise<never>(() => undefined),
      close: async () => undefined,
    }),
  });
  return { code, said };
}

const people = [
  ...['BEGIN:VCARD', 'VERSION:4.0', 'FN:Ann Example', 'NICKNAME:Annie', 'EMAIL;PREF=1:ann@x.org'],
  ...['EMAIL:ann@home.example', 'TEL;VALUE=uri:tel:+49-30-1', 'NOTE:met in Köln', 'END:VCARD'],
];

test('people come in, are listed, complete by their nickname, go out and come in again the same', async () => {
  const at = (name: string): string => join(core.profileDir, name);
  await writeFile(at('in.vcf'), people.join('\r\n'));
  const imported = await contacts('import', 'in.vcf', '--json');
  expect(imported.code).toBe(0);
  expect(JSON.parse(imported.said)).toEqual({ added: 2, known: 0, withoutAddress: 0, lists: [], failed: [] });
  const ann = { displayName: 'Ann Example', note: 'met in Köln', nickname: 'Annie', phones: ['+49-30-1'] };
  const listed = JSON.parse((await contacts('list', '--json')).said);
  expect(listed).toEqual([
    { ...ann, mailbox: 'ann@x.org', person: listed[0].person },
    { ...ann, mailbox: 'ann@home.example', person: listed[0].person },
  ]);
  expect(await core.api.call('contact.complete', { prefix: 'annie' })).toHaveLength(2);
  expect((await contacts('list')).said).toContain('ann@x.org         Ann Example (Annie)  +49-30-1  met in Köln\n');

  const exported = await contacts('export', '--format', 'vcard4', '--out', 'out.vcf', '--json');
  expect(JSON.parse(exported.said)).toEqual({ people: 1, addresses: 2, out: at('out.vcf') });
  const text = await readFile(at('out.vcf'), 'utf8');
  expect((await contacts('export', '--format', 'vcard4', '--out', '-')).said).toBe(text);
  if (process.platform !== 'win32') expect((await stat(at('out.vcf'))).mode & 0o777).toBe(0o600);
  for (const mailbox of ['ANN@x.org', 'ann@home.example']) await contacts('remove', mailbox);
  expect((await contacts('list')).said).toContain('Nobody is in the address book yet.');
  await contacts('import', 'out.vcf');
  expect(JSON.parse((await contacts('list', '--json')).said)).toEqual(listed);
});

test('what is not there, no address book, or in the way is said, and changes nothing', async () => {
  await writeFile(join(core.profileDir, 'taken.vcf'), 'mine');
  await expect(contacts('export', '--out', 'taken.vcf')).rejects.toMatchObject({ code: 'EINVALID' });
  expect(await readFile(join(core.profileDir, 'taken.vcf'), 'utf8')).toBe('mine');
  await expect(contacts('remove', 'nobody@x.org')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(contacts('import', 'none.vcf')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await writeFile(join(core.profileDir, 'mail.eml'), 'Subject: no people\r\n\r\nhere\r\n');
  await expect(contacts('import', 'mail.eml')).rejects.toThrow(/is no address book/);
  await expect(contacts('export', '--format', 'pdf', '--out', 'x')).rejects.toThrow(/vcard, vcard4 or csv/);
  await writeFile(join(core.profileDir, 'bad.vcf'), 'BEGIN:VCARD\r\nFN:Bad\r\nEMAIL:nope\r\nEND:VCARD\r\n');
  const bad = await contacts('import', 'bad.vcf');
  expect(bad).toEqual({ code: 65, said: expect.stringContaining('“nope” of Bad is not a complete address') });
});
