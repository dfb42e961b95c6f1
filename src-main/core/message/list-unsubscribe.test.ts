import { expect, it } from 'vitest';
import { readHeaderFields } from './header-fields.ts';
import { readUnsubscribe } from './list-unsubscribe.ts';

const ways = (...lines: string[]): ReturnType<typeof readUnsubscribe> => {
  const buf = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return readUnsubscribe(readHeaderFields(buf, 0, buf.length).fields);
};
const post = 'List-Unsubscribe-Post: List-Unsubscribe=One-Click';

it('reads both addresses of RFC 8058, however they are folded', () => {
  expect(
    ways(
      'List-Unsubscribe: <mailto:leave@list.example?subject=leave%20news&body=anna>,',
      ' <https://list.example/leave?id=',
      '  4711> (use this)',
      post,
    ),
  ).toEqual({
    oneClick: 'https://list.example/leave?id=4711',
    mail: { to: 'leave@list.example', subject: 'leave news', text: 'anna' },
    page: 'https://list.example/leave?id=4711',
  });
});

it('takes a page for a page where the list does not say that a POST is enough', () => {
  expect(ways('List-Unsubscribe: <https://list.example/leave>')).toEqual({ page: 'https://list.example/leave' });
  expect(ways('List-Unsubscribe: <https://list.example/leave>', `${post}-please`)?.oneClick).toBeUndefined();
});

it('gives the message a subject where the list asks for none', () => {
  expect(ways('List-Unsubscribe: <mailto:leave@list.example>')?.mail?.subject).toBe('unsubscribe');
});

it.each([
  'http://list.example/leave',
  'https://127.0.0.1/leave',
  'https://[::1]/leave',
  'https://0x7f.1/leave',
  'https://router/leave',
  'https://router./leave',
  'https://printer.local/leave',
  'https://wiki.internal./leave',
])('posts nothing to %s', (address) => {
  expect(ways(`List-Unsubscribe: <${address}>`, post)?.oneClick).toBeUndefined();
});

it.each([
  'NO',
  '<javascript:alert(1)>',
  '<file:///etc/passwd>',
  '<https://good.example@evil.example/>',
  '<mailto:nobody>',
  '<mailto:>',
  '<>',
  'https://list.example/without-brackets',
  `<https://list.example/${'x'.repeat(3000)}>`,
])('offers nothing for %s', (value) => {
  expect(ways(`List-Unsubscribe: ${value}`, post)).toBeUndefined();
});

it('writes to one address, whatever else the link names', () => {
  const link =
    '<mailto:leave@list.example,boss@work.example?cc=all@work.example&bcc=x@y.example&subject=Hi%0d%0aBcc:z@z.example>';
  expect(ways(`List-Unsubscribe: ${link}`)?.mail).toEqual({
    to: 'leave@list.example',
    subject: 'Hi Bcc:z@z.example',
    text: '',
  });
});
