import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatAddress } from '#shared/mail/address.ts';
import { parseAddressList } from '#shared/mail/address-list.ts';
import { Identity } from '#shared/mail/identity.ts';
import { DraftContent } from '#shared/mail/message.ts';
import { MailError } from '#shared/mail-error.ts';
import { readMessage, readParts } from './read-message.ts';
import { readOutline } from './read-outline.ts';
import { type MessageRoom, openMessageRoom } from './testing/message-room.ts';

const identity = Identity.parse({ id: 'i', displayName: 'Änne Müller', address: 'anne@exämple.org' });

function draft(changed: Partial<DraftContent> = {}): DraftContent {
  return DraftContent.parse({
    identityId: 'i',
    to: [{ displayName: 'Doe, Jane', mailbox: 'jane@example.org' }],
    cc: [],
    bcc: [],
    subject: 'Hello',
    text: 'Hello there',
    html: null,
    attachments: [],
    ...changed,
  });
}

let room: MessageRoom;
beforeAll(async () => {
  room = await openMessageRoom();
});
afterAll(() => room.dispose());

async function built(changed: Partial<DraftContent> = {}, from: Identity = identity) {
  const message = await room.service.build(draft(changed), from);
  return {
    ...message,
    source: Buffer.from(message.bytes).toString('latin1'),
    parsed: await readMessage(message.bytes),
  };
}

async function refusal(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'accepted',
    (error: unknown) => (error instanceof MailError ? `${error.code} ${error.message}` : String(error)),
  );
}

/** What any server takes: ASCII, CRLF only, no line over 998. */
function expectPlain(source: string): void {
  expect(source).toMatch(/^[\t\r\n\x20-\x7e]*$/);
  expect(source.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  expect(source).not.toMatch(/[^\r\n]{999}/);
}

describe('build', () => {
  it('gives back, read again, what went in', async () => {
    const text = 'Grüße aus Köln,\n\n> quoted\nlast line\n\n-- \nÄnne';
    const { source, parsed, ...message } = await built({
      cc: [{ displayName: 'Ærø "B" Ø', mailbox: 'b@bücher.example' }],
      bcc: [{ displayName: '', mailbox: 'secret@example.org' }],
      subject: 'Zürich – '.repeat(30),
      text,
      inReplyTo: '<parent@example.org>',
      references: ['<root@example.org>', '<parent@example.org>'],
    });
    expectPlain(source);
    expect(parsed).toMatchObject({
      subject: 'Zürich – '.repeat(30).trim(),
      from: [{ displayName: 'Änne Müller', mailbox: 'anne@xn--exmple-cua.org' }],
      to: [{ displayName: 'Doe, Jane', mailbox: 'jane@example.org' }],
      cc: [{ displayName: 'Ærø "B" Ø', mailbox: 'b@xn--bcher-kva.example' }],
      bcc: [{ displayName: '', mailbox: 'secret@example.org' }],
      inReplyTo: ['<parent@example.org>'],
      references: ['<root@example.org>', '<parent@example.org>'],
      text: `${text}\n`,
      html: null,
      attachments: [],
      defects: [],
    });
    expect(message).toMatchObject({
      reversePath: 'anne@xn--exmple-cua.org',
      from: 'anne@xn--exmple-cua.org',
      forwardPaths: ['jane@example.org', 'b@xn--bcher-kva.example', 'secret@example.org'],
    });
    expect(parsed.messageId).toBe(message.messageId);
    expect(message.messageId).toMatch(/^<[0-9a-f-]{36}@xn--exmple-cua\.org>$/);
    expect(source).toMatch(/^User-Agent: Postrider\r$/m);
    expect(Math.abs((parsed.date ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('lets long paragraphs flow and come back whole', async () => {
    const paragraph = 'word '.repeat(100).trim();
    const text = `${paragraph}\n From here\nFrom there\n>quoted ${paragraph}`;
    const { source, parsed } = await built({ text });
    expectPlain(source);
    expect(source.split('\r\n').every((line) => line.length <= 78)).toBe(true);
    expect(parsed.text.trimEnd()).toBe(`${paragraph}\n From here\nFrom there\n> quoted ${paragraph}`);
  });

  it('keeps any text, name and file name a person can type', async () => {
    const word = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      .map((text) => text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, ''));
    await fc.assert(
      fc.asyncProperty(word, word, fc.array(word, { maxLength: 5 }), async (name, subject, lines) => {
        const { source, parsed } = await built({
          to: [{ displayName: name, mailbox: 'jane@example.org' }],
          subject,
          text: lines.join('\n'),
        });
        expectPlain(source);
        const squeezed = (text: string) => text.replace(/\s+/gu, ' ').trim();
        expect(squeezed(parsed.to[0]?.displayName ?? '')).toBe(squeezed(name));
        expect(squeezed(parsed.subject)).toBe(squeezed(subject));
        expect(squeezed(parsed.text)).toBe(squeezed(lines.join('\n')));
      }),
      { numRuns: 60 },
    );
  });

  it('sends HTML with a plain companion, and pasted pictures as parts of their own', async () => {
    const pixel = Buffer.from('89504e470d0a1a0a', 'hex');
    const html = `<p>Grüße</p><img src="data:image/png;base64,${pixel.toString('base64')}"><p>data:image/png is text</p>`;
    const { source, bytes, parsed } = await built({ html, text: 'ignored' });
    expectPlain(source);
    expect(parsed.text.trim()).toBe('Grüße\n\ndata:image/png is text');
    const [picture] = parsed.attachments;
    expect(picture).toMatchObject({ fileName: 'image-1.png', contentType: 'image/png', isInline: true });
    expect(parsed.html).toContain(`<img src="cid:${picture?.contentId}">`);
    expect(Buffer.from((await readParts(bytes, ['0']))[0]?.bytes ?? []).equals(pixel)).toBe(true);
  });

  it('carries attachments of any name and content exactly', async () => {
    const binary = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 256));
    const names = ['résumé – 履歴書.pdf', 'with "quotes"; and.txt', 'plain.bin', `${'long '.repeat(25)}.doc`];
    const attachments = await Promise.all(
      names.map((fileName) =>
        room.service.addUpload({ fileName, contentType: 'application/x-thing', body: of(binary) }),
      ),
    );
    const empty = await room.service.addUpload({ fileName: 'empty.txt', contentType: 'text/plain', body: of() });
    const { source, bytes, parsed } = await built({ attachments: [...attachments, empty] });
    expectPlain(source);
    expect(parsed.attachments.map(({ fileName }) => fileName)).toEqual([
      'résumé – 履歴書.pdf',
      'with _quotes_; and.txt',
      'plain.bin',
      `${'long '.repeat(25).trim()} .doc`,
      'empty.txt',
    ]);
    const parts = await readParts(bytes, undefined);
    for (const part of parts.slice(0, 4)) expect(Buffer.from(part.bytes).equals(binary)).toBe(true);
    expect(parts[4]?.bytes).toHaveLength(0);
    expect(readOutline(bytes, { maxTextOctets: 1000 }).attachmentNames).toHaveLength(5);
  });

  it('attaches a whole message, as a message where that is safe', async () => {
    const plain = Buffer.from('From: a@example.org\r\nSubject: inner\r\n\r\nHello\r\n');
    const eightBit = Buffer.from('From: a@example.org\nSubject: inner\n\nGrüße\n');
    const attachments = [];
    for (const body of [plain, eightBit]) {
      attachments.push(
        await room.service.addUpload({ fileName: 'm.eml', contentType: 'message/rfc822', body: of(body) }),
      );
    }
    const { source, bytes, parsed } = await built({ attachments });
    expectPlain(source);
    expect(source).toContain('Content-Type: message/rfc822; name=m.eml');
    expect(source).toContain('Content-Type: application/octet-stream; name=m.eml');
    expect(parsed.attachments).toHaveLength(2);
    const parts = await readParts(bytes, undefined);
    expect(Buffer.from(parts[0]?.bytes ?? []).toString()).toContain('Subject: inner');
    expect(Buffer.from(parts[1]?.bytes ?? []).equals(eightBit)).toBe(true);
  });

  it('leaves a local part outside ASCII as it is', async () => {
    const { forwardPaths } = await built({ to: [{ displayName: '', mailbox: 'jürgen@bücher.example' }] });
    expect(forwardPaths).toEqual(['jürgen@bücher.example']);
  });

  it('folds a subject without any space', async () => {
    const { source, parsed } = await built({ subject: 'x'.repeat(3000) });
    expectPlain(source);
    expect(parsed.subject).toBe('x'.repeat(3000));
  });

  it('writes from the address a reply was delivered to, for every address of a domain', async () => {
    const wide = Identity.parse({ id: 'w', displayName: '', address: '*@example.org' });
    expect((await built({ from: 'shop@example.org' }, wide)).reversePath).toBe('shop@example.org');
    expect(await refusal(built({}, wide))).toMatch(/^EINVALID .*any address of example\.org/);
    expect(await refusal(built({ from: 'x@other.org' }, wide))).toMatch(/^EINVALID/);
  });

  it.each<[string, Partial<DraftContent>]>([
    ['no recipient', { to: [] }],
    ['an incomplete address', { to: [{ displayName: '', mailbox: 'jane' }] }],
    ['a line break in an address', { to: [{ displayName: '', mailbox: 'jane@example.org>\r\nBcc: x@example.org' }] }],
    ['a line break in a name', { cc: [{ displayName: 'Jane\r\nBcc: x@example.org', mailbox: 'jane@example.org' }] }],
    ['two addresses in one', { bcc: [{ displayName: '', mailbox: 'a@example.org,b@example.org' }] }],
  ])('refuses %s in a sentence', async (_, changed) => {
    expect(await refusal(room.service.build({ ...draft(), ...changed }, identity))).toMatch(/^EINVALID .+\.$/);
  });

  it('lets nothing a person or a stranger wrote become a field', async () => {
    expect(await refusal(room.service.build({ ...draft(), subject: 'x\r\nBcc: evil@example.org' }, identity))).toMatch(
      /^EINVALID/,
    );
    const replyTo = { ...identity, replyTo: 'a@example.org\r\nX-Evil: 1' };
    expect(await refusal(room.service.build(draft(), replyTo))).toMatch(/^EINVALID/);
    const { source } = await built({
      inReplyTo: '<a@b>\r\nX-Evil: 1',
      references: ['<c@d>\r\nX-Evil: 2 <e@f>', 'no id'],
      attachments: [
        {
          ...(await room.service.addUpload({ fileName: 'a', contentType: 'text/plain', body: of(Buffer.from('x')) })),
          fileName: 'a"\r\nX-Evil: 3',
          contentType: 'text/plain\r\nX-Evil: 4',
        },
      ],
    });
    expect(source).not.toMatch(/^X-Evil/m);
    expect(source).toContain('References: <c@d> <e@f>\r\n');
  });

  it('opens no file and no address that a message names', async () => {
    const secret = join(room.profileDir, 'secret.txt');
    await writeFile(secret, 'TOP SECRET');
    const html = `<img src="file://${secret}"><img src="${secret}"><img src="http://127.0.0.1:9/x.png">`;
    const { source } = await built({ html, text: `{"path":"${secret}"}` });
    expect(source).not.toContain(Buffer.from('TOP SECRET').toString('base64').slice(0, 12));
    const stranger = { uploadId: '../secret.txt', fileName: 'x', contentType: 'text/plain', sizeOctets: 10 };
    const asked = DraftContent.parse({ ...draft(), attachments: [stranger] });
    expect(await refusal(room.service.build(asked, identity))).toMatch(/^ENOTFOUND/);
  });

  it('says which attachment is gone', async () => {
    const upload = await room.service.addUpload({
      fileName: 'a.txt',
      contentType: 'text/plain',
      body: of(Buffer.from('x')),
    });
    await room.service.discardUpload(upload.uploadId);
    expect(await refusal(built({ attachments: [upload] }))).toMatch(/^ENOTFOUND .*“a\.txt”/);
  });
});

describe('buildDraft', () => {
  it('keeps what is incomplete, and opens again as it was', async () => {
    const attachment = await room.service.addUpload({
      fileName: 'a.txt',
      contentType: 'text/plain',
      body: of(Buffer.from('x\n')),
    });
    room.setSettings({ identities: [identity] });
    const content = draft({
      to: [
        { displayName: '', mailbox: 'jan' },
        { displayName: 'B', mailbox: 'b@example.org' },
      ],
      bcc: [{ displayName: '', mailbox: 'c@example.org' }],
      subject: 'Grüße',
      text: 'half a line  \n\n  indented\n> and a quote that is rather longer than seventy-eight characters, so that it would flow',
      attachments: [attachment],
      inReplyTo: '<p@example.org>',
      references: ['<p@example.org>'],
    });
    const messageKey = room.messages.add('draft', await room.service.buildDraft(content, identity), {
      folder: 'Drafts',
    });
    const opened = await room.service.start('edit', messageKey);
    expect({ ...opened, text: opened.text.trimEnd() }).toEqual({
      ...content,
      messageKey,
      attachments: [{ ...attachment, uploadId: opened.attachments[0]?.uploadId }],
    });
  });

  it('takes a draft with nothing in it', async () => {
    const bytes = await room.service.buildDraft(draft({ to: [], subject: '', text: '' }), undefined);
    expect((await readMessage(bytes)).text.trim()).toBe('');
  });

  it('keeps pasted pictures of rich text in place', async () => {
    const html = '<p>a</p><img src="data:image/png;base64,iVBORw0KGgo="><p>b</p>';
    room.setSettings({ identities: [identity] });
    const saved = room.messages.add('rich', await room.service.buildDraft(draft({ html }), identity));
    expect((await room.service.start('edit', saved)).html?.trim()).toBe(html);
    // And so does a message that was taken back from the outbox.
    const sent = room.messages.add('taken-back', (await room.service.build(draft({ html }), identity)).bytes);
    const again = await room.service.start('edit', sent);
    expect(again.html).toContain(html);
    expect(again.attachments).toEqual([]);
  });
});

it('addresses typed, built and read again are the same', async () => {
  const typed = 'A <a@example.org>, "C, D" <c@example.org>; e@example.org';
  const { parsed } = await built({ to: parseAddressList(typed).addresses });
  expect(parsed.to.map(formatAddress)).toEqual(['A <a@example.org>', '"C, D" <c@example.org>', 'e@example.org']);
});

async function* of(...chunks: Buffer[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
