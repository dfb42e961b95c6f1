import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import type { Flag } from '#shared/mail/message.ts';
import {
  changeLetters,
  decodeSegment,
  encodeSegment,
  fileNameFor,
  flagsToLetters,
  folderDirectory,
  folderOfDirectory,
  lettersToFlags,
  parseFileName,
  uniqueName,
} from './maildir-names.ts';

const path = (text: string): FolderPath => FolderPath.parse(text);

describe('folder names', () => {
  it.each([
    ['Archive/2024', '.Archive.2024'],
    ['Entwürfe', '.Entw&APw-rfe'],
    ['A&B', '.A&-B'],
    ['v1.2', '.v1&8C4-2'],
    ['CON', '.CON'],
    ['Reisen 🏔️', '.Reisen &2Dzf1P4P-'],
    ['what?', '.what&8D8-'],
    ['日本/東京', '.&ZeVnLA-.&Z3FOrA-'],
  ])('%s is %s', (folder, directory) => {
    expect(folderDirectory(folder, [])).toBe(directory);
    expect(folderOfDirectory(directory)).toBe(folder);
  });

  it('keeps the Inbox in the root, and “inbox” apart from it', () => {
    expect(folderDirectory('Inbox', [])).toBe('');
    const other = folderDirectory('INBOX', []);
    expect(other.toLowerCase()).not.toBe('.inbox');
    expect(folderOfDirectory(other)).toBe('INBOX');
  });

  it('tells names apart that differ only in case', () => {
    const taken: string[] = [];
    for (const folder of ['News', 'news', 'NEWS', 'nEWS', 'a/News', 'A/news']) {
      const directory = folderDirectory(folder, taken);
      expect(taken.map((name) => name.toLowerCase())).not.toContain(directory.toLowerCase());
      expect(folderOfDirectory(directory)).toBe(folder);
      taken.push(directory);
    }
  });

  it('comes back from any text, holding nothing a file system refuses', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.oneof(
            fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
            fc.constantFrom('.', ' ', '\uf000', '\uf02e', '&', '-', ':'),
          ),
          maxLength: 40,
        }),
        (segment) => {
          const encoded = encodeSegment(segment);
          expect(encoded).toMatch(/^[ -~]*$/);
          expect(encoded).not.toMatch(/[./\\:*?"<>|]|^ | $/);
          expect(decodeSegment(encoded)).toBe(segment);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses a name no file system could hold', () => {
    expect(() => folderDirectory('ü'.repeat(200), [])).toThrow('too long');
  });

  it('takes what other programs made, and passes over what cannot be a folder', () => {
    expect(folderOfDirectory('.Entwürfe')).toBe('Entwürfe');
    expect(folderOfDirectory('.bad&*-name')).toBe('bad&*-name');
    expect(folderOfDirectory('..')).toBeNull();
    expect(folderOfDirectory('.a..b')).toBeNull();
    expect(folderOfDirectory('dovecot-uidlist')).toBeNull();
    expect(path('x')).toBe('x');
  });
});

describe('file names', () => {
  it('reads keys and flags with either separator', () => {
    expect(parseFileName('123.M1P2.host,S=5:2,FS')).toEqual({ messageKey: '123.M1P2.host,S=5', letters: 'FS' });
    expect(parseFileName('123.host;2,S')).toEqual({ messageKey: '123.host', letters: 'S' });
    expect(parseFileName('123.host')).toEqual({ messageKey: '123.host', letters: '' });
    expect(parseFileName('.hidden')).toBeNull();
  });

  it('knows a name that cannot be a key by its digest, and leaves the name', () => {
    const strange = `${'x'.repeat(210)}`;
    const parsed = parseFileName(`${strange}:2,S`);
    expect(parsed?.messageKey).toMatch(/^name-[0-9a-f]{40}$/);
    expect(parsed?.letters).toBe('S');
    expect(uniqueName(`${strange}:2,S`)).toBe(strange);
    expect(parseFileName('a:b:1,x')?.messageKey).toMatch(/^name-/);
  });

  it('turns flags into letters and back, in ASCII order, keeping the keywords of others', () => {
    const all: Flag[] = ['seen', 'draft', 'flagged', 'answered', 'forwarded', 'deleted'];
    expect(flagsToLetters(all)).toBe('DFPRST');
    expect(lettersToFlags('SFa')).toEqual(['flagged', 'seen']);
    expect(changeLetters('Sab', ['flagged'], ['seen'])).toBe('Fab');
    expect(fileNameFor('key', 'S', ';')).toBe('key;2,S');
  });
});
