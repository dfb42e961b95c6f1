import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Identity } from '#shared/mail/identity.ts';
import { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { Settings } from '#shared/mail/settings.ts';
import { parseMailto } from './mailto.ts';
import { forwardSubject, replySubject } from './quote.ts';
import { type MessageRoom, openMessageRoom, withSettings } from './testing/message-room.ts';

const me = Identity.parse({ id: 'me', displayName: 'Me', address: 'me@example.org', signature: 'Me\n+49 1' });
const work = Identity.parse({ id: 'work', displayName: 'Me', address: 'me@work.example' });
const shop = Identity.parse({ id: 'shop', displayName: 'Shop', address: '*@shop.example' });

let room: MessageRoom;
beforeAll(async () => {
  room = await openMessageRoom();
});
afterAll(() => room.dispose());

let count = 0;
async function start(
  kind: 'reply' | 'reply-all' | 'forward',
  source: string,
  settings: Partial<Settings> = {},
  folder = 'Inbox',
) {
  room.setSettings({ identities: [me, work, shop], ...settings });
  count += 1;
  return room.service.start(kind, room.messages.add(`m${count}`, Buffer.from(source), { folder }));
}

function message(fields: string, body = 'Hello\n> earlier\n\n-- \nAnn'): string {
  return `From: Ann <ann@example.net>\nTo: me@example.org\nSubject: Plans\nDate: Sat, 21 Nov 2026 10:05:00 +0000\nMessage-ID: <2@x>\nReferences: <1@x>\n${fields}\n${body}\n`;
}

describe('start', () => {
  it('answers the author, quoting the text, with the signature and the thread', async () => {
    const draft = await start('reply', message('Cc: Bob <bob@example.net>\n'));
    expect(draft).toMatchObject({
      identityId: 'me',
      to: [{ displayName: 'Ann', mailbox: 'ann@example.net' }],
      cc: [],
      bcc: [],
      subject: 'Re: Plans',
      html: null,
      attachments: [],
      inReplyTo: '<2@x>',
      references: ['<1@x>', '<2@x>'],
      source: { kind: 'reply' },
      messageKey: null,
    });
    expect(draft.text).toMatch(
      /^\n\n-- \nMe\n\+49 1\n\n\nOn Sat,? 21 Nov 2026 at \d\d:05, Ann wrote:\n> Hello\n>> earlier\n$/,
    );
  });

  it('answers all but ourselves, each once, and where Reply-To says', async () => {
    const fields =
      'Reply-To: list@example.net\nTo: ME@example.org, Carl <carl@example.net>\nCc: x@shop.example, list@example.net, CARL@example.net, dora@example.net\n';
    const draft = await start('reply-all', message(fields).replace('To: me@example.org\n', ''));
    expect(draft.to.map(({ mailbox }) => mailbox)).toEqual(['list@example.net']);
    expect(draft.cc.map(({ mailbox }) => mailbox)).toEqual(['carl@example.net', 'dora@example.net']);
  });

  it('writes on to the same people from a message of one’s own', async () => {
    const draft = await start(
      'reply',
      message('').replace('ann@example.net', 'me@example.org').replace('To: me@example.org', 'To: zoe@example.net'),
    );
    expect(draft.to.map(({ mailbox }) => mailbox)).toEqual(['zoe@example.net']);
  });

  it('answers from the address the message was delivered to', async () => {
    const identityOf = async (fields: string, settings: Partial<Settings> = {}, folder?: string) => {
      const draft = await start('reply', message(fields).replace('To: me@example.org\n', ''), settings, folder);
      return [draft.identityId, draft.from];
    };
    expect(await identityOf('To: me@example.org\nCc: me@work.example\nDelivered-To: ME@work.example\n')).toEqual([
      'work',
      undefined,
    ]);
    // By Bcc, or by an alias: what a server wrote down is surer than what the sender wrote.
    expect(await identityOf('To: me@example.org\nDelivered-To: orders@shop.example\n')).toEqual([
      'shop',
      'orders@shop.example',
    ]);
    expect(await identityOf('To: me@example.org\nDelivered-To: catchall@isp.example\n')).toEqual(['me', undefined]);
    expect(await identityOf('To: orders@shop.example\n')).toEqual(['shop', 'orders@shop.example']);
    expect(await identityOf('To: list@example.net\nX-Original-To: me@work.example\n')).toEqual(['work', undefined]);
    expect(await identityOf('To: list@example.net\n')).toEqual(['me', undefined]);
    const account = IncomingAccount.parse({
      id: 'acc',
      label: 'Work',
      host: 'pop.work.example',
      port: 995,
      security: 'tls',
      user: 'me',
      auth: 'auto',
      retention: { kind: 'leave' },
      folder: 'Work',
    });
    const ofAccount = { accounts: [account], identities: [me, { ...work, accountId: account.id }] };
    expect(await identityOf('To: list@example.net\n', ofAccount, 'Work')).toEqual(['work', undefined]);
  });

  it('forwards with the header told and the attachments carried', async () => {
    const body =
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: text/csv; name=a.csv\nContent-Disposition: attachment\n\n1;2\n--b--';
    const draft = await start('forward', message(body, ''));
    expect(draft).toMatchObject({ subject: 'Fwd: Plans', to: [], source: { kind: 'forward' } });
    expect(draft.inReplyTo).toBeUndefined();
    expect(draft.text).toContain('---------- Forwarded message ----------\nFrom: Ann <ann@example.net>\nDate: ');
    expect(draft.text).toContain('Subject: Plans\nTo: me@example.org\n\nHello');
    expect(draft.attachments).toMatchObject([{ fileName: 'a.csv', contentType: 'text/csv', sizeOctets: 3 }]);
  });

  it('quotes rich text as text made harmless', async () => {
    const preferences = { ...withSettings({}).preferences, composeFormat: 'rich' as const };
    const html =
      'Content-Type: text/html\n\n<p onclick="x()">Hi &lt;script&gt; <b>you</b><img src=x onerror=alert(1)></p>';
    const draft = await start('reply', message(html, ''), { preferences });
    expect(draft.html).toContain('<blockquote><p>Hi &#60;script&#62; you</p></blockquote>');
    expect(draft.html).not.toMatch(/onerror|onclick|<script|<img/);
    expect(draft.text).toContain('> Hi <script> you');
  });

  it('begins empty, or from a mailto address that decides no more than it may', async () => {
    room.setSettings({ identities: [me] });
    expect(await room.service.start('new')).toMatchObject({ identityId: 'me', to: [], text: '\n\n-- \nMe\n+49 1\n' });
    const draft = await room.service.start(
      'new',
      undefined,
      'mailto:ann@example.net,b%40x@example.net?cc=c@example.net&subject=A%20b%0D%0ABcc:%20x@y.z&body=one%0D%0Atwo&attach=/etc/passwd&from=evil@example.net',
    );
    expect(draft).toMatchObject({
      identityId: 'me',
      cc: [{ mailbox: 'c@example.net' }],
      bcc: [],
      subject: 'A b Bcc: x@y.z',
      text: 'one\ntwo\n\n-- \nMe\n+49 1\n',
      attachments: [],
    });
    expect(draft.to[0]).toMatchObject({ mailbox: 'ann@example.net' });
  });

  it('works before there is any identity', async () => {
    room.setSettings({});
    expect(await room.service.start('new')).toMatchObject({ identityId: null, text: '' });
  });

  it('asks for the message where one is needed', async () => {
    await expect(room.service.start('reply')).rejects.toMatchObject({ code: 'EINVALID' });
  });
});

describe('subjects', () => {
  it.each([
    ['Plans', 'Re: Plans'],
    ['Re: Plans', 'Re: Plans'],
    ['RE: re: AW: Plans', 'Re: Plans'],
    ['Re[2]: Plans', 'Re: Plans'],
    ['Sv: Antw: Plans', 'Re: Plans'],
    ['Fwd: Plans', 'Re: Fwd: Plans'],
    ['Regarding: Plans', 'Re: Regarding: Plans'],
    ['', 'Re:'],
  ])('a reply to %j is %j', (before, after) => {
    expect(replySubject(before)).toBe(after);
  });

  it.each([
    ['Plans', 'Fwd: Plans'],
    ['Fw: WG: Fwd: Plans', 'Fwd: Plans'],
    ['Re: Plans', 'Fwd: Re: Plans'],
  ])('a forward of %j is %j', (before, after) => {
    expect(forwardSubject(before)).toBe(after);
  });
});

describe('parseMailto', () => {
  it('reads RFC 6068', () => {
    expect(parseMailto('mailto:?to=a@x.org&CC=b@x.org&bcc=c@x.org&subject=caf%C3%A9+x')).toMatchObject({
      to: [{ mailbox: 'a@x.org' }],
      cc: [{ mailbox: 'b@x.org' }],
      bcc: [{ mailbox: 'c@x.org' }],
      subject: 'café+x',
    });
    expect(parseMailto('a@x.org').to).toEqual([{ displayName: '', mailbox: 'a@x.org' }]);
    expect(parseMailto('mailto:%zz%?subject=100%').subject).toBe('100%');
  });
});
