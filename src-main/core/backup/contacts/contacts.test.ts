import { describe, expect, test } from 'vitest';
import { oldAbook } from '../testing/address-books.ts';
import { readCsv } from './csv.ts';
import { morkAsPeople } from './mozilla-cards.ts';
import { contactsOf, type Person } from './person.ts';
import { readVcards } from './vcard.ts';

const vcards = (...lines: string[]) => readVcards(Buffer.from(lines.join('\r\n')));
const card = (...lines: string[]): Person | undefined => vcards('BEGIN:VCARD', ...lines, 'END:VCARD').people[0];

describe('a vCard', () => {
  test('of 4.0: folded lines, preference, escapes, groups of properties, quoted parameters', () => {
    expect(
      card(
        'VERSION:4.0',
        'FN:Ann\\, the \\',
        ' ;second',
        'EMAIL;TYPE=home:ann@home.exam',
        ' ple',
        'item1.EMAIL;PREF=1;X-LABEL="Work: main;desk":ann@work.example',
        'NOTE:one\\ntwo\\Nthree',
      ),
    ).toEqual({
      displayName: 'Ann, the ;second',
      mailboxes: ['ann@work.example', 'ann@home.example'],
      note: 'one\ntwo\nthree',
    });
  });
  test('of 3.0: the name out of its parts, the preferred address first', () => {
    expect(
      card('VERSION:3.0', 'N:Example;Bob;Q.;;', 'EMAIL;type=INTERNET:b@x.org', 'EMAIL;type=INTERNET,pref:b@y.org'),
    ).toEqual({ displayName: 'Bob Q. Example', mailboxes: ['b@y.org', 'b@x.org'], note: '' });
  });
  test('of 2.1: quoted-printable with soft line ends, charsets, bare parameters, an agent within', () => {
    const { people } = vcards(
      'begin:vcard',
      'VERSION:2.1',
      'FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen =',
      'M=C3=BCller',
      'EMAIL;PREF;INTERNET:j@example.org',
      'AGENT:',
      'BEGIN:VCARD',
      'FN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:S=E9cr=E9taire',
      'EMAIL:s@example.org',
      'END:VCARD',
      'PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQ==',
      '',
      'end:vcard',
    );
    expect(people.map(({ displayName, mailboxes }) => [displayName, ...mailboxes])).toEqual([
      ['Sécrétaire', 's@example.org'],
      ['Jürgen Müller', 'j@example.org'],
    ]);
  });
  test('has nicknames, numbers and several notes', () => {
    expect(
      card(
        'VERSION:4.0',
        'FN:Ann',
        'NICKNAME:Annie,A\\, the first',
        'TEL;TYPE=home:030 1;ext=2',
        'item2.TEL;VALUE=uri;PREF=1:tel:+49-30-2;ext=7',
        'NOTE:one',
        'NOTE:two',
        'EMAIL:ann@x.org',
      ),
    ).toEqual({
      displayName: 'Ann',
      mailboxes: ['ann@x.org'],
      note: 'one\ntwo',
      nickname: 'Annie, A, the first',
      phones: [
        { number: '+49-30-2 ext. 7', kinds: [] },
        { number: '030 1;ext=2', kinds: ['home'] },
      ],
    });
  });
  test('says what numbers are for, in every version', () => {
    const person = card(
      'VERSION:3.0',
      'FN:Ann',
      'EMAIL:ann@x.org',
      'TEL;CELL;VOICE:1',
      'TEL;TYPE=WORK,FAX:2',
      'TEL;TYPE="home,voice";VALUE=uri:tel:3',
      'item1.TEL;type=pref;type=MAIN:4',
      'TEL;TYPE=x-other:5',
    );
    expect(person?.phones?.map(({ number, kinds }) => [number, ...kinds].join(' '))).toEqual([
      '4 main',
      '1 mobile',
      '2 work fax',
      '3 home',
      '5',
    ]);
  });
  test('of a group is a list; without a name it has that of the firm', () => {
    const { people, lists } = vcards(
      ...['BEGIN:VCARD', 'KIND:group', 'FN:Family', 'MEMBER:urn:uuid:1', 'END:VCARD'],
      ...['BEGIN:VCARD', 'X-ADDRESSBOOKSERVER-KIND:Group', 'FN:Crew', 'EMAIL:crew@x.example', 'END:VCARD'],
      ...['BEGIN:VCARD', 'KIND:org', 'ORG:Acme\\; Sons;Sales', 'EMAIL:info@acme.example', 'END:VCARD'],
      // Only what names the kind counts.
      ...['BEGIN:VCARD', 'FN:Group', 'NICKNAME:group', 'EMAIL:g@x.example', 'END:VCARD'],
    );
    expect(lists).toEqual(['Family', 'Crew']);
    expect(people).toMatchObject([{ displayName: 'Acme; Sons' }, { displayName: 'Group' }]);
  });
  test('in UTF-16, in Windows-1252, with a byte order mark', () => {
    const text = 'BEGIN:VCARD\nFN:Zoë\nEMAIL:z@example.org\nEND:VCARD\n';
    const variants = [
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(text, 'latin1'),
      Buffer.from(`\ufeff${text}`, 'utf8'),
    ];
    for (const octets of variants) expect(readVcards(octets).people).toMatchObject([{ displayName: 'Zoë' }]);
  });
  test('that is broken loses what is broken and no more', () => {
    const { people } = vcards(
      'END:VCARD',
      'BEGIN:VCARD',
      'no colon here',
      'FN;X="unclosed:Odd',
      `PHOTO:${'A'.repeat(100_000)}`,
      `NOTE:${'endless '.repeat(10_000)}`,
      'N:\\',
      'EMAIL:a@example.org',
      'END:VCARD',
      'BEGIN:VCARD',
      'EMAIL:cut off',
    );
    expect(people).toEqual([{ displayName: '\\', mailboxes: ['a@example.org'], note: '' }]);
  });
});

describe('a table', () => {
  const csv = (...lines: string[]) => readCsv(Buffer.from(lines.join('\r\n'))).people;
  test('of Thunderbird, in English and in German', () => {
    expect(
      csv(
        'First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Screen Name,Notes',
        'Ann,Example,Ann E.,,ann@example.com,ann@home.example,ann@chat.example,"Said ""hello"",',
        'twice"',
        '',
      ),
    ).toEqual([
      { displayName: 'Ann E.', mailboxes: ['ann@example.com', 'ann@home.example'], note: 'Said "hello",\r\ntwice' },
    ]);
    expect(csv('Vorname;Nachname;Anzeigename;Primäre E-Mail-Adresse;Notizen', 'Bob;Bau;;bob@example.org;gut')).toEqual([
      { displayName: 'Bob Bau', mailboxes: ['bob@example.org'], note: 'gut' },
    ]);
  });
  test('of Outlook and of Google', () => {
    expect(
      csv(
        'First Name\tLast Name\tE-mail Address\tE-mail Type\tE-mail Display Name\tE-mail 2 Address',
        'Ann\tExample\tann@example.com\tSMTP\tann@not-this.example\t',
      ),
    ).toEqual([{ displayName: 'Ann Example', mailboxes: ['ann@example.com'], note: '' }]);
    expect(
      csv(
        'Name,E-mail 1 - Label,E-mail 1 - Value,IM 1 - Value,Organization Name',
        ',Home,a@x.org ::: b@x.org,c@chat.example,Acme',
      ),
    ).toEqual([{ displayName: 'Acme', mailboxes: ['a@x.org', 'b@x.org'], note: '' }]);
  });
  test('with nicknames and numbers, and what they are for', () => {
    expect(
      csv(
        'Display Name,Nickname,Primary Email,Work Phone,Fax Number,Mobile Number,Phone 1 - Type',
        'Ann,Annie,ann@x.org,030 1,030 9,+49 170 1,Work',
      ),
    ).toEqual([
      {
        displayName: 'Ann',
        mailboxes: ['ann@x.org'],
        note: '',
        nickname: 'Annie',
        phones: [
          { number: '030 1', kinds: ['work'] },
          { number: '030 9', kinds: ['fax'] },
          { number: '+49 170 1', kinds: ['mobile'] },
        ],
      },
    ]);
  });
  test.each([
    [
      'Outlook',
      "First Name,E-mail Address,Business Fax,Business Phone,Business Phone 2,Home Phone,Mobile Phone,Primary Phone,Pager,Assistant's Phone",
      'Ann,ann@x.org,1,2,3,4,5,6,7,8',
      ['1 work fax', '2 work', '3 work', '4 home', '5 mobile', '6 main', '7 pager'],
    ],
    [
      'Outlook in German',
      'Vorname,E-Mail-Adresse,Fax geschäftlich,Telefon geschäftlich,Telefon (privat),Mobiltelefon,Haupttelefon',
      'Ann,ann@x.org,1,2,4,5,6',
      ['1 work fax', '2 work', '4 home', '5 mobile', '6 main'],
    ],
    [
      'Google',
      'Name,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value',
      'Ann,ann@x.org,Mobile,1 ::: 2,* Work Fax,3',
      ['1 mobile', '2 mobile', '3 work fax'],
    ],
  ])('%s: each number with its kind', (_program, head, row, expected) => {
    const [person] = csv(head, row);
    expect(person?.phones?.map(({ number, kinds }) => [number, ...kinds].join(' '))).toEqual(expected);
  });
  test('without names for its columns is read by what stands in them', () => {
    expect(csv('Ann,ann@example.com', 'Bob,bob@example.com')).toMatchObject([
      { displayName: 'Ann', mailboxes: ['ann@example.com'] },
      { displayName: 'Bob', mailboxes: ['bob@example.com'] },
    ]);
  });
  test('keeps the addresses of a column where some have none, or something else beside it', () => {
    const people = csv('Name,E-mail', 'Ann,ann@example.com', 'Bob,', 'Cleo,cleo@example.com ::: ask first');
    expect(people.find(({ displayName }) => displayName === 'Ann')?.mailboxes).toEqual(['ann@example.com']);
    expect(people.find(({ displayName }) => displayName === 'Cleo')?.mailboxes).toContain('cleo@example.com');
    expect(csv('Name,E-mail', 'Cleo,cleo@example.com ::: ask first')[0]?.mailboxes).toContain('cleo@example.com');
  });
  test('without an address is none', () => {
    for (const text of ['', 'Name,Phone\nAnn,123', '"never closed'])
      expect(() => readCsv(Buffer.from(text))).toThrowError(expect.objectContaining({ code: 'EMALFORMED' }));
  });
});

describe('an address book of old (Mork)', () => {
  test('with what was changed and removed later', () => {
    const { people, lists } = morkAsPeople(Buffer.from(oldAbook, 'latin1'));
    expect(lists).toEqual(['Team']);
    expect(people).toEqual([
      { displayName: 'Ann Example', mailboxes: ['ann@example.com', 'ann@home.example'], note: 'Met in Ägypten' },
      { displayName: 'Björn K.', mailboxes: ['bjoern@example.org'], note: '' },
      { displayName: 'Smith (Bob)', mailboxes: ['new@example.com'], note: '' },
      { displayName: 'No address', mailboxes: [], note: '' },
    ]);
  });
  test('cut off anywhere, or with any octet wrong, is read to an end and never throws but for what it is', () => {
    const octets = Buffer.from(oldAbook, 'latin1');
    for (let at = 0; at < octets.length; at += 11) {
      const cut = octets.subarray(0, at);
      const wrong = Buffer.from(octets);
      wrong[at] = 0x5b;
      for (const broken of [cut, wrong])
        try {
          morkAsPeople(broken);
        } catch (error) {
          expect(error).toMatchObject({ code: 'EMALFORMED' });
        }
    }
  });
});

test('several addresses of one person belong together; somebody with one stands alone', () => {
  const { contacts } = contactsOf({
    displayName: 'Ann',
    mailboxes: ['b@x.org', 'A@x.org'],
    note: '',
    nickname: 'Annie',
  });
  const again = contactsOf({ displayName: 'Ann', mailboxes: ['a@x.org', 'b@x.org'], note: '' }).contacts;
  expect(contacts.map(({ mailbox, nickname }) => [mailbox, nickname])).toEqual([
    ['b@x.org', 'Annie'],
    ['A@x.org', 'Annie'],
  ]);
  expect(new Set([...contacts, ...again].map(({ person }) => person)).size).toBe(1);
  expect(contacts[0]?.person).toBeDefined();
  expect(
    contactsOf({ displayName: 'Ann', mailboxes: ['b@x.org', 'B@x.org'], note: '' }).contacts[0]?.person,
  ).toBeUndefined();
});

test('what is no address is told apart; names hold no line ends and turn no direction', () => {
  const person = {
    displayName: 'Ann\r\nBcc: x@evil.example\u202e',
    mailboxes: ['mailto:ann@example.com', 'Ann <a@b.c>', 'ann at example'],
    note: 'n'.repeat(900),
  };
  const { contacts, wrong } = contactsOf(person);
  expect(wrong).toEqual(['ann at example']);
  expect(contacts.map(({ mailbox }) => mailbox)).toEqual(['ann@example.com', 'a@b.c']);
  expect(contacts[0]).toMatchObject({ displayName: 'Ann Bcc: x@evil.example', note: 'n'.repeat(500) });
});
