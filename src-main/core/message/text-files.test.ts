import { expect, it } from 'vitest';
import { readOutline } from './read-outline.ts';

const limits = { maxTextOctets: 20_000 };

function withFile(name: string, octets: Buffer, type = 'application/octet-stream', options = limits) {
  const message = [
    'Subject: s',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    'See the file.',
    '--b',
    `Content-Type: ${type}; name="${name}"`,
    'Content-Disposition: attachment',
    'Content-Transfer-Encoding: base64',
    '',
    ...(octets.toString('base64').match(/.{1,76}/g) ?? []),
    '--b--',
    '',
  ].join('\r\n');
  return readOutline(Buffer.from(message), options);
}

it.each(['list.txt', 'LIST.CSV', 'a.md', 'a.log', 'a.json', 'a.xml', 'invite.ics', 'card.vcf', 'notes.txt '])(
  'reads %s whatever type it was sent as',
  (name) => {
    for (const type of ['application/octet-stream', 'application/vnd.ms-excel', 'application/x-download'])
      expect(withFile(name, Buffer.from('kangaroo;1\r\n'), type).text).toContain('kangaroo;1');
  },
);

it('reads HTML as what it shows', () => {
  const { text } = withFile('page.html', Buffer.from('<style>p{}</style><p class="secret">caf&eacute; <b>wallaby</b>'));
  expect(text).toContain('café wallaby');
  expect(text).not.toContain('secret');
});

it.each([
  ['UTF-8', Buffer.from('Grüße 東京'), 'Grüße 東京'],
  ['UTF-8 with a mark', Buffer.from('\ufeffGrüße'), 'Grüße'],
  ['windows-1252', Buffer.from('Gr\xfc\xdfe \x80', 'latin1'), 'Grüße €'],
  ['UTF-16 with a mark', Buffer.from('\ufeffGrüße', 'utf16le'), 'Grüße'],
  ['UTF-16 the other way round', Buffer.from('\ufeffGrüße', 'utf16le').swap16(), 'Grüße'],
])('knows %s', (_name, octets, expected) => {
  expect(withFile('a.txt', octets).text).toBe(`See the file.\n${expected}`);
});

it('believes the charset that is named', () => {
  const octets = Buffer.from([0xf0, 0xd2, 0xc9]);
  expect(withFile('a.csv', octets, 'application/octet-stream; charset=koi8-r').text).toContain('При');
});

it.each([
  ['a program', 'setup.exe', Buffer.from('MZ kangaroo')],
  ['no ending', 'README', Buffer.from('kangaroo')],
  ['octets that are none, at the beginning', 'a.txt', Buffer.from('kangaroo\0\x01')],
  ['octets that are none, far behind', 'a.txt', Buffer.concat([Buffer.alloc(9000, 'kangaroo '), Buffer.from([0, 7])])],
  ['no charset that has these octets', 'a.txt', Buffer.from('kangaroo \x81\x8d', 'latin1')],
])('leaves alone %s', (_name, name, octets) => {
  const read = withFile(name, octets);
  expect(read.text).toBe('See the file.');
  expect(read).toMatchObject({ attachmentNames: [name], hasAttachments: true, isMalformed: false });
});

it('shows nothing of it in the list, even where the mail says nothing else', () => {
  const message = Buffer.from(
    'Content-Type: application/octet-stream; name=a.txt\nContent-Disposition: attachment\n\nkangaroo\n',
  );
  expect(readOutline(message, limits)).toMatchObject({ text: 'kangaroo\n', snippet: '' });
});

it('takes no more than the limit, and is not misled by a character cut in two there', () => {
  for (let at = 0; at < 6; at++) {
    const { text } = withFile('a.txt', Buffer.from('x'.repeat(at) + '東'.repeat(40_000)));
    expect(text.length).toBeLessThanOrEqual(limits.maxTextOctets);
    expect(text).toContain('東東東');
    expect(text).not.toContain('æ');
  }
  const plain = Buffer.from(`Subject: s\n\nx${'東'.repeat(40_000)}`);
  expect(readOutline(plain, limits).text).not.toContain('æ');
});

it('looks at little of what only bears the name of a text', () => {
  const octets = Buffer.alloc(40 * 1024 * 1024);
  const begun = process.cpuUsage();
  const message = Buffer.concat([Buffer.from('Content-Type: application/octet-stream; name=a.txt\n\n'), octets]);
  expect(readOutline(message, limits).text).toBe('');
  expect(process.cpuUsage(begun).user / 1e6).toBeLessThan(1);
});
