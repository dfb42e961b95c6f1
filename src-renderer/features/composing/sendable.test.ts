import { expect, it } from 'vitest';
import { UploadId } from '#shared/ids.ts';
import { isAdding, obstacleOf, sizeOf } from './sendable.ts';

const ann = { displayName: 'Ann', mailbox: 'ann@example.com' };
const nobody = { to: [], cc: [], bcc: [] };

it('lets go what has a complete recipient, wherever it stands', () => {
  expect(obstacleOf({ ...nobody, bcc: [ann] })).toBeNull();
});

it('says what is missing', () => {
  expect(obstacleOf(nobody)).toMatch(/who this message is for/);
  expect(obstacleOf({ ...nobody, to: [ann], cc: [{ displayName: '', mailbox: 'bob' }] })).toMatch(/“bob”/);
  expect(isAdding([{ error: new Error('gone') }, { error: null }])).toBe(true);
  expect(isAdding([{ error: new Error('gone') }])).toBe(false);
});

it('counts what attachments weigh on the wire', () => {
  const empty = { text: '', html: null, attachments: [] };
  const uploadId = UploadId.parse('u');
  const attachments = [{ uploadId, fileName: 'f', contentType: 'x/y', sizeOctets: 57_000 }];
  // 57 octets become a line of 76 and its CRLF.
  expect(sizeOf({ ...empty, attachments }) - sizeOf(empty)).toBe(78_000);
});
