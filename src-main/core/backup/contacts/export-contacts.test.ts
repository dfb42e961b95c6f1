import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Contact, PhoneKind } from '#shared/mail/settings.ts';
import type { ContactFormat } from '#shared/rpc/contract.ts';
import { withContacts } from '../../settings/add-contacts.ts';
import { readCsv } from './csv.ts';
import { exportContacts } from './export-contacts.ts';
import { contactsOf } from './person.ts';
import { readVcards } from './vcard.ts';

const formats: readonly ContactFormat[] = ['vcard', 'vcard4', 'csv'];

/** The address book after it was written and taken into an empty one. */
function cameBack(contacts: readonly Contact[], format: ContactFormat): Contact[] {
  const octets = Buffer.from(exportContacts(contacts, format).text);
  const { people } = format === 'csv' ? readCsv(octets) : readVcards(octets);
  return withContacts(
    [],
    people.flatMap((person) => contactsOf(person).contacts),
  ).contacts;
}

const byMailbox = (contacts: readonly Contact[]): Contact[] =>
  contacts.toSorted((a, b) => (a.mailbox < b.mailbox ? -1 : 1));

const awkward: Contact[] = [
  {
    displayName: 'Example, Ann; \\the "first" :',
    mailbox: 'ann@example.com',
    note: 'a;b,c\\n "d"',
    nickname: 'Änn, Annie',
  },
  { displayName: '', mailbox: 'nameless@example.com', note: '' },
  {
    displayName: '日本語の名前'.repeat(12),
    mailbox: 'jp@example.jp',
    note: '😀'.repeat(60),
    phones: ['+81 3-1234;ext=5'],
  },
  { displayName: '=HYPERLINK("http://x")', mailbox: 'formula@example.com', note: "'quoted'" },
  ...contactsOf({
    displayName: 'Bob Bau',
    mailboxes: ['b@work.example', 'bob@home.example', '"a,b;c"@x.org'],
    note: 'three addresses',
    nickname: 'Bobby',
    phones: [
      { number: '030 123', kinds: ['work', 'fax'] },
      { number: '+49 170 1', kinds: [] },
    ],
  }).contacts,
].map((contact) => Contact.parse(contact));

describe.each(formats)('an address book as %s', (format) => {
  test('comes back as it was', () => {
    const back = cameBack(awkward, format);
    expect(byMailbox(back)).toEqual(byMailbox(awkward));
    // Which of Bob's is the one to write to is kept.
    expect(back.find(({ person }) => person !== undefined)?.mailbox).toBe('b@work.example');
  });

  test('whatever is in it', () => {
    const text = (most: number) =>
      fc
        .string({ unit: 'grapheme', maxLength: most })
        .map((said) => contactsOf({ displayName: said, mailboxes: ['a@b.c'], note: '' }).contacts[0]?.displayName ?? '')
        // A quote that guards against spreadsheets is taken for that.
        .filter((said) => !/^'[=+\-@]/.test(said));
    const person = fc.record({
      displayName: text(100),
      note: text(100),
      nickname: text(20).map((said) => said.replaceAll(',', '')),
      phones: fc
        .array(
          fc.record({
            number: fc.stringMatching(/^\+?[0-9][0-9 ()/-]{2,15}[0-9]$/),
            kinds: fc.subarray(PhoneKind.options),
          }),
          { maxLength: 3 },
        )
        // A table has the numbers of one kind together.
        .map((phones) => (format === 'csv' ? phones.slice(0, 1) : phones)),
      mailboxes: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}@[a-z]{1,8}\.example$/), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(person, { minLength: 1, maxLength: 4 }), (people) => {
        const book = withContacts(
          [],
          people.flatMap((each) => contactsOf(each).contacts),
        ).contacts;
        // A nickname stands in where there is no name.
        fc.pre(book.every(({ displayName, nickname }) => displayName !== '' || nickname === undefined));
        fc.pre(new Set(people.flatMap(({ mailboxes }) => mailboxes)).size === book.length);
        fc.pre(people.flatMap(({ mailboxes }) => mailboxes).length === book.length);
        expect(byMailbox(cameBack(book, format))).toEqual(byMailbox(book));
      }),
      { numRuns: 100 },
    );
  });
});

test.each(['vcard', 'vcard4'] as const)(
  'a %s has no line over 75 octets, cuts no character, and ends lines with CRLF',
  (format) => {
    const { text, people, addresses } = exportContacts(awkward, format);
    expect({ people, addresses }).toEqual({ people: 5, addresses: 7 });
    const lines = Buffer.from(text).toString('latin1').split('\r\n');
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(75);
      expect(() => new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(line, 'latin1'))).not.toThrow();
      expect(line).not.toMatch(/[\r\n]/);
    }
    expect(lines.filter((line) => line === 'BEGIN:VCARD')).toHaveLength(5);
  },
);

test('3.0 and 4.0 say in their own ways which address is preferred, and what a number is', () => {
  const bob = awkward.slice(-3);
  expect(exportContacts(bob, 'vcard').text.split('\r\n')).toEqual([
    'BEGIN:VCARD',
    'VERSION:3.0',
    'FN:Bob Bau',
    'N:;Bob Bau;;;',
    'NICKNAME:Bobby',
    'EMAIL;TYPE=INTERNET,pref:b@work.example',
    'EMAIL;TYPE=INTERNET:bob@home.example',
    'EMAIL;TYPE=INTERNET:"a\\,b\\;c"@x.org',
    'TEL;TYPE=work,fax:030 123',
    'TEL;TYPE=voice:+49 170 1',
    'NOTE:three addresses',
    'END:VCARD',
    '',
  ]);
  expect(exportContacts(bob, 'vcard4').text).toContain('EMAIL;PREF=1:b@work.example\r\nEMAIL:bob@home.example');
  expect(exportContacts(bob, 'vcard4').text).toContain(
    'TEL;VALUE=text;TYPE="work,fax":030 123\r\nTEL;VALUE=text:+49 170 1',
  );
});

test('a table is safe in a spreadsheet, and has a column for each address', () => {
  expect(exportContacts(awkward.slice(-4), 'csv').text.split('\r\n')).toEqual([
    '\ufeffDisplay Name,Nickname,Primary Email,Secondary Email,Email 3,Work Fax Number,Phone,Notes',
    `"'=HYPERLINK(""http://x"")",,formula@example.com,,,,,'quoted'`,
    `Bob Bau,Bobby,b@work.example,bob@home.example,"""a,b;c""@x.org",030 123,+49 170 1,three addresses`,
    '',
  ]);
});

test('an empty book is an empty file of its kind', () => {
  expect(exportContacts([], 'vcard')).toEqual({ text: '', people: 0, addresses: 0 });
  expect(exportContacts([], 'csv').text).toBe('\ufeffDisplay Name,Nickname,Primary Email,Notes\r\n');
});
