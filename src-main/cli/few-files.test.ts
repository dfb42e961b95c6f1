import { expect, it } from 'vitest';
import { MailError } from '#shared/mail-error.ts';
import { inWordsOfFiles } from './few-files.ts';

it('says in words that no more files may be opened, whoever met it', () => {
  for (const code of ['EMFILE', 'ENFILE']) {
    const thrown = Object.assign(new Error(`${code}: too many open files, open '/x'`), { code });
    expect(inWordsOfFiles(thrown)).toMatchObject({ code: 'EIO', message: expect.stringMatching(/ulimit -n/) });
  }
});

it('leaves everything else as it is while there are enough', () => {
  const internal = new MailError('EINTERNAL', 'It has stopped.');
  const missing = Object.assign(new Error('gone'), { code: 'ENOENT' });
  expect(inWordsOfFiles(internal)).toBe(internal);
  expect(inWordsOfFiles(missing)).toBe(missing);
});
