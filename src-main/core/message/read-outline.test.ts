import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOutline } from './read-outline.ts';
import { corpusMessages, hasCorpus } from './testing/corpus.ts';
import { manyParts, nestedMessages, nestedMultiparts, slowHeaders } from './testing/hostile.ts';
import { bareCalendar, calendarOf, fromApple, fromExchange } from './testing/invitations.ts';

const limits = { maxTextOctets: 200_000 };

function outline(message: string | Buffer, encoding: BufferEncoding = 'utf8') {
  return readOutline(typeof message === 'string' ? Buffer.from(message, encoding) : message, limits);
}

function elapsed(run: () => void): number {
  const begun = performance.now();
  run();
  return performance.now() - begun;
}

describe('readOutline', () => {
  it('of a calendar takes what a person would look for', () => {
    const { text, snippet } = outline(fromExchange());
    for (const words of ['Wochenrunde für alle', 'Raum 2', 'Berg, Anna Anna@Home.example', 'Wochenrunde, später'])
      expect(text).toContain(words);
    for (const noise of ['VCALENDAR', 'TZOFFSET', '20261124T140000', 'PARTSTAT']) expect(text).not.toContain(noise);
    expect(snippet).toBe('Wie jede Woche.');
  });

  it('a colon within quotes begins no value', () => {
    const event = [
      'SUMMARY;ALTREP="https://away.example/x:y":Crane\\, review',
      'ATTENDEE;CN="Doe: Jane":mailto:jane@away.example',
    ];
    expect(outline(bareCalendar(calendarOf(event))).text).toBe('Crane, review\nDoe: Jane jane@away.example');
  });

  it('a message that is nothing but a calendar begins with what that is about', () => {
    expect(outline(fromApple()).snippet).toBe('Christmas at the lake');
    expect(outline(fromApple()).text).not.toContain('principal');
  });

  it('reads what a list row and the index need', () => {
    const read = outline(
      [
        'From: =?utf-8?q?Gr=C3=BC=C3=9Fe?= <gruss@example.org>',
        'To: "Doe, Jane" <jane@example.org>, team: a@example.org, b@example.org;',
        'Cc: c@example.org (Carl)',
        'Subject: =?utf-8?b?w4TDlsOc?= and',
        ' more',
        'Date: Tue, 1 Jul 2003 10:52:37 +0200',
        'Message-ID: <1@example.org>',
        'In-Reply-To: <0@example.org>',
        'References: <r@example.org> <0@example.org>',
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary="x"',
        '',
        'preamble',
        '--x',
        'Content-Type: text/plain; charset=utf-8',
        '',
        'Hello,',
        '> quoted',
        'this is the text.',
        '-- ',
        'Signature',
        '--x',
        "Content-Disposition: attachment; filename*=utf-8''r%C3%A9sum%C3%A9.pdf",
        'Content-Type: application/pdf',
        'Content-Transfer-Encoding: base64',
        '',
        'AAAA',
        '--x--',
        '',
      ].join('\r\n'),
    );
    expect(read).toEqual({
      subject: 'ÄÖÜ and more',
      from: [{ displayName: 'Grüße', mailbox: 'gruss@example.org' }],
      to: [
        { displayName: 'Doe, Jane', mailbox: 'jane@example.org' },
        { displayName: '', mailbox: 'a@example.org' },
        { displayName: '', mailbox: 'b@example.org' },
      ],
      cc: [{ displayName: 'Carl', mailbox: 'c@example.org' }],
      bcc: [],
      date: Date.UTC(2003, 6, 1, 8, 52, 37),
      messageId: '<1@example.org>',
      inReplyTo: ['<0@example.org>'],
      references: ['<r@example.org>', '<0@example.org>'],
      text: 'Hello,\r\n> quoted\r\nthis is the text.\r\n-- \r\nSignature',
      snippet: 'Hello, this is the text.',
      attachmentNames: ['résumé.pdf'],
      hasAttachments: true,
      isMalformed: false,
    });
  });

  it('reads HTML alone as text, and of an alternative only the words its plain companion lacks', () => {
    const html = '<html><style>p{}</style><p>Only <b>here</b>: pterodactyl &amp; caf&eacute;</p><script>no()</script>';
    expect(outline(`Subject: s\nContent-Type: text/html\n\n${html}`).text).toBe('Only here: pterodactyl & café');
    const both = outline(
      `Content-Type: multipart/alternative; boundary=b\n\n--b\n\nOnly here\n--b\nContent-Type: text/html\n\n${html}\n--b--\n`,
    );
    expect(both.text).toBe('Only here\npterodactyl café');
    expect(both.snippet).toBe('Only here');
  });

  it('takes raw 8-bit headers as UTF-8 where they are that, else as windows-1252', () => {
    expect(outline('Subject: Grüße\nFrom: Jürgen <j@example.org>\n\nx').subject).toBe('Grüße');
    const latin = outline('Subject: Gr\xfc\xdfe \x93so\x94\nFrom: J\xfcrgen <j@example.org>\n\nx', 'latin1');
    expect(latin.subject).toBe('Grüße “so”');
    expect(latin.from[0]?.displayName).toBe('Jürgen');
  });

  it('decodes the charsets of the body, known, unknown and wrongly named', () => {
    const text = (charset: string, body: Buffer) =>
      outline(Buffer.concat([Buffer.from(`Subject: s\nContent-Type: text/plain; charset=${charset}\n\n`), body])).text;
    expect(text('koi8-r', Buffer.from([0xf0, 0xd2, 0xc9]))).toBe('При');
    expect(text('ISO-2022-JP', Buffer.from('\x1b$B$3$s\x1b(B', 'latin1'))).toBe('こん');
    expect(text('x-never-heard-of', Buffer.from([0x47, 0xfc]))).toBe('Gü');
    expect(text('us-ascii', Buffer.from('Grüße'))).toBe('Grüße');
    expect(text('"utf-8"', Buffer.from([0x47, 0xfc, 0x72]))).toBe('Gür');
    expect(text('utf8', Buffer.from('\ufeffmark'))).toBe('mark');
  });

  it('counts text attachments as text and leaves other attachments undecoded', () => {
    const read = outline(
      'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/csv; name=list.csv\nContent-Disposition: attachment\n\nkangaroo;1\n--b--\n',
    );
    expect(read).toMatchObject({ text: 'kangaroo;1', attachmentNames: ['list.csv'], hasAttachments: true });
  });

  it('reads the text of a message within the message', () => {
    const read = outline(
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nouter\n--b\nContent-Type: message/rfc822\n\nSubject: in\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ninner\n--c--\n\n--b\n\nlast\n--b--\n',
    );
    expect(read.text.replaceAll('\n', ' ')).toBe('outer inner last');
    expect(read).toMatchObject({ hasAttachments: true, isMalformed: false });
  });

  it('takes uuencoded files out of the text and names them', () => {
    const read = outline('Subject: s\n\nSee:\nbegin 644 cat.gif\n#0V%T\n`\nend\nBye\n');
    expect(read).toMatchObject({ text: 'See:\nBye\n', attachmentNames: ['cat.gif'], hasAttachments: true });
  });

  it.each([
    ['no header at all', 'Just a line.\n\nAnd another.\n', 'Just a line.'],
    ['a missing end of header', 'Subject: s\nHello there\nand on it goes\n', 'Hello there'],
    ['a multipart without boundary', 'Content-Type: multipart/mixed\n\nHello there\n', 'Hello there'],
    ['a boundary that never comes', 'Content-Type: multipart/mixed; boundary=b\n\nHello there\n', 'Hello there'],
    [
      'a multipart that is not ended',
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello there\n',
      'Hello there',
    ],
    ['a broken header line', 'Subject: s\nthis is wrong\nFrom: a@example.org\n\nHello there\n', 'Hello there'],
  ])('shows what it can of %s and says that it is malformed', (_, message, expected) => {
    const read = outline(message);
    expect(read.text).toContain(expected);
    expect(read.isMalformed).toBe(true);
  });

  it('keeps apart boundaries of which one begins with the other, and reads on after a clash', () => {
    const message =
      'Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=ab\n\n--ab\n\none\n--ab--\n--a\n\ntwo\n--a--\n';
    expect(outline(message)).toMatchObject({ text: 'one\ntwo', isMalformed: false });
    expect(outline(message.replaceAll('ab', 'a')).text).toContain('two');
  });

  it('gives something for nothing', () => {
    expect(outline('')).toMatchObject({ subject: '', from: [], date: null, text: '', isMalformed: true });
    expect(outline(Buffer.from([0, 255, 254, 13, 10, 0])).isMalformed).toBe(true);
  });

  it('follows 50 levels and survives 1,000', () => {
    expect(outline(nestedMultiparts(50))).toMatchObject({ text: 'The innermost text', isMalformed: false });
    expect(outline(nestedMessages(49))).toMatchObject({ text: 'The innermost text\r\n', isMalformed: false });
    for (const bomb of [nestedMultiparts(1000), nestedMessages(1000), nestedMultiparts(20_000)]) {
      expect(outline(bomb).isMalformed).toBe(true);
    }
    expect(outline(manyParts(900)).isMalformed).toBe(false);
    expect(outline(manyParts(50_000)).isMalformed).toBe(true);
  });

  // A quadratic reader would take minutes; the bounds leave room for a busy machine.
  it('takes time linear in the size, whatever a stranger sends', { timeout: 120_000 }, () => {
    outline(manyParts(100));
    for (const { name, bytes } of slowHeaders(1_000_000)) {
      expect(
        elapsed(() => outline(bytes)),
        name,
      ).toBeLessThan(5000);
    }
  });

  it('reads 30 MB lines and 100,000 addresses in bounded time', { timeout: 60_000 }, () => {
    const line = Buffer.concat([Buffer.from('Subject: s\r\n\r\n'), Buffer.alloc(30_000_000, 'x')]);
    expect(elapsed(() => outline(line))).toBeLessThan(5000);
    const longHeader = Buffer.concat([
      Buffer.from('Subject: '),
      Buffer.alloc(30_000_000, 'x'),
      Buffer.from('\r\n\r\nb'),
    ]);
    expect(elapsed(() => outline(longHeader))).toBeLessThan(5000);
    const to = Array.from({ length: 100_000 }, (_, index) => `"Name ${index}" <u${index}@example.org>`).join(',\r\n ');
    let read = outline('');
    expect(elapsed(() => (read = outline(`To: ${to}\r\n\r\nbody`)))).toBeLessThan(5000);
    expect(read.to).toHaveLength(100_000);
    expect(read.to[99_999]).toEqual({ displayName: 'Name 99999', mailbox: 'u99999@example.org' });
  });

  it('cuts the text where it is told to', () => {
    const read = readOutline(Buffer.from(`Subject: s\n\n${'word '.repeat(10_000)}`), { maxTextOctets: 1000 });
    expect(read.text).toHaveLength(1000);
    expect(read.snippet).toHaveLength(200);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        readOutline(bytes, limits);
      }),
    );
    const pieces = [
      '\r\n',
      '\n',
      ':',
      '--b',
      'Content-Type: multipart/mixed; boundary=b',
      'message/rfc822',
      '=?utf-8?b?',
      '?=',
      '<',
      '"',
      ' ',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 200 }), (made) => {
        readOutline(Buffer.from(made.join('')), limits);
      }),
    );
  });

  it.skipIf(!hasCorpus)('reads every message of the corpus, whole and cut anywhere', () => {
    const messages = corpusMessages();
    expect(messages.length).toBeGreaterThan(200);
    for (const { name, bytes } of messages) {
      expect(
        elapsed(() => outline(bytes)),
        name,
      ).toBeLessThan(5000);
      for (const share of [0.1, 0.5, 0.9]) outline(bytes.subarray(0, Math.floor(bytes.length * share)));
    }
  });
});
