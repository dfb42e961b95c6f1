import { expect, it } from 'vitest';
import { hintsFor } from './hints.ts';

const draft = { subject: 'Hello', text: '', attachments: [] };

it('notices a promised attachment that is not there, in several languages', () => {
  expect(hintsFor({ ...draft, text: 'Please find the plan attached.' })).toEqual(['attachment-forgotten']);
  expect(hintsFor({ ...draft, text: 'Die Rechnung ist im Anhang.' })).toEqual(['attachment-forgotten']);
  expect(hintsFor({ ...draft, text: 'Voir la pièce jointe' })).toEqual(['attachment-forgotten']);
});

it('is not misled by quoted words, signatures or other words', () => {
  expect(hintsFor({ ...draft, text: 'Thanks\n> see the attachment' })).toEqual([]);
  expect(hintsFor({ ...draft, text: 'Thanks\n-- \nAttachment Parenting Ltd' })).toEqual([]);
  expect(hintsFor({ ...draft, text: 'I am unattached.' })).toEqual([]);
});

it('notices a missing subject', () => {
  expect(hintsFor({ ...draft, subject: '  ' })).toEqual(['no-subject']);
});
