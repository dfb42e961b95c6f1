import { expect, test } from 'vitest';
import type { Contact } from '#shared/mail/settings.ts';
import { withContact, withContacts } from './add-contacts.ts';

const ann: Contact = { displayName: 'Ann', mailbox: 'ann@x.org', note: '' };

test('who is there already stays, and what is missing is filled in', () => {
  const more: Contact = {
    displayName: 'Annegret',
    mailbox: 'ANN@x.org',
    note: 'met',
    nickname: 'Annie',
    phones: ['1'],
  };
  expect(withContacts([ann], [more])).toEqual({
    contacts: [{ ...ann, note: 'met', nickname: 'Annie', phones: ['1'] }],
    added: 0,
    known: 1,
  });
  const own: Contact = { ...ann, note: 'mine', nickname: 'A.', phones: ['2'] };
  expect(withContacts([own], [more]).contacts).toEqual([own]);
});

test('a nickname and numbers are changed at every address of the person, nothing else and nobody else', () => {
  const home: Contact = { ...ann, mailbox: 'ann@home.example', note: 'home', person: 'p', nickname: 'A' };
  const work: Contact = { ...ann, mailbox: 'ann@work.example', note: 'work', person: 'p', nickname: 'A' };
  const changed: Contact = {
    ...work,
    mailbox: 'Ann@work.example',
    displayName: 'Ann B',
    nickname: 'Annie',
    phones: ['1'],
  };
  expect(withContact([home, work, ann], changed)).toEqual([
    { ...home, nickname: 'Annie', phones: ['1'] },
    changed,
    ann,
  ]);
  expect(withContact([], ann)).toEqual([ann]);
});
