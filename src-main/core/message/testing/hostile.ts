/** Messages made to hurt a parser: each of these has taken some mail program down. */

const header = 'From: a@example.org\r\nTo: b@example.org\r\nSubject: bomb\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n';

/** Multiparts within multiparts. */
export function nestedMultiparts(depth: number): Buffer {
  const opened = Array.from(
    { length: depth },
    (_, level) => `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n`,
  );
  const closed = Array.from({ length: depth }, (_, level) => `--b${depth - 1 - level}--\r\n`);
  return Buffer.from(
    `${header}MIME-Version: 1.0\r\n${opened.join('')}Content-Type: text/plain\r\n\r\nThe innermost text\r\n${closed.join('')}`,
  );
}

/** Messages within messages. */
export function nestedMessages(depth: number): Buffer {
  return Buffer.from(
    `${header}${`Content-Type: message/rfc822\r\n\r\n${header}`.repeat(depth)}\r\nThe innermost text\r\n`,
  );
}

export function manyParts(count: number): Buffer {
  const part = '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n';
  return Buffer.from(`${header}Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(count)}--b--\r\n`);
}

/** Each is `size` octets or more of what a careless expression would go over again and again. */
export function slowHeaders(size: number): { name: string; bytes: Buffer }[] {
  const fill = (unit: string) => unit.repeat(Math.ceil(size / unit.length));
  const message = (fields: string) => Buffer.from(`${header}${fields}\r\n\r\nbody\r\n`, 'latin1');
  return [
    { name: 'encoded words begun and never ended', bytes: message(`Subject: ${fill('=?a?b?')}`) },
    { name: 'encoded words with long charsets', bytes: message(`Subject: ${fill('=?')}`) },
    { name: 'adjacent encoded words', bytes: message(`Subject: ${fill('=?utf-8?q?x?= ')}`) },
    { name: 'open comments', bytes: message(`To: ${fill('(')}`) },
    { name: 'open quotes', bytes: message(`To: "${fill('\\"')}`) },
    { name: 'open angles', bytes: message(`To: ${fill('<')}`) },
    { name: 'angles and quotes', bytes: message(`To: ${fill('<"')}`) },
    { name: 'commas', bytes: message(`To: ${fill(',')}`) },
    { name: 'at signs', bytes: message(`To: ${fill('@')}`) },
    { name: 'brackets', bytes: message(`To: a@${fill('[')}`) },
    { name: 'groups', bytes: message(`To: ${fill('a:')}`) },
    { name: 'white space', bytes: message(`Subject: ${fill(' \t')}x`) },
    { name: 'folded lines', bytes: message(`Subject: x${fill('\r\n y')}`) },
    { name: 'parameters', bytes: message(`Content-Type: text/plain${fill('; a="')}`) },
    { name: 'parameters of spaces', bytes: message(`Content-Type: text/plain;${fill(' ')}x`) },
    { name: 'continuations', bytes: message(`Content-Disposition: attachment${fill("; a*0*=u''%")}`) },
    { name: 'semicolons', bytes: message(`Content-Type: text/plain${fill(';')}`) },
    { name: 'date of parentheses', bytes: message(`X-Filler: x\r\nDate: ${fill('(')}`) },
    { name: 'message ids', bytes: message(`References: ${fill('<a@b> ')}`) },
    { name: 'open message ids', bytes: message(`References: ${fill('<')}`) },
    { name: 'fields without names', bytes: Buffer.from(fill(':\r\n')) },
    { name: 'field names without colons', bytes: Buffer.from(fill('a')) },
    { name: 'zero octets', bytes: Buffer.alloc(size) },
    { name: 'line ends', bytes: Buffer.from(fill('\r\n')) },
    { name: 'carriage returns', bytes: Buffer.from(fill('\r')) },
    { name: 'html of open tags', bytes: message(`Content-Type: text/html\r\n\r\n${fill('<')}`) },
    { name: 'html of open scripts', bytes: message(`Content-Type: text/html\r\n\r\n${fill('<script>')}`) },
    { name: 'html of open comments', bytes: message(`Content-Type: text/html\r\n\r\n${fill('<!--')}`) },
    { name: 'html of open attributes', bytes: message(`Content-Type: text/html\r\n\r\n${fill('<a b="')}`) },
    { name: 'html of entities', bytes: message(`Content-Type: text/html\r\n\r\n${fill('&#')}`) },
    { name: 'html of quotes', bytes: message(`Content-Type: text/html\r\n\r\n${fill('<blockquote>x')}`) },
    {
      name: 'quoted-printable of equals signs',
      bytes: message(`Content-Transfer-Encoding: quoted-printable\r\n\r\n${fill('=')}`),
    },
    {
      name: 'soft breaks of spaces',
      bytes: message(`Content-Transfer-Encoding: quoted-printable\r\n\r\n=${fill('= ')}`),
    },
    { name: 'uuencoded files begun', bytes: message(`X-A: b\r\n\r\n${fill('begin 644 a\r\n')}`) },
    {
      name: 'delimiters that are none',
      bytes: message(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${fill('\r\n--bb')}`),
    },
    {
      name: 'delimiters that look like fields',
      bytes: message(`Content-Type: multipart/mixed; boundary="b:c"\r\n\r\n${fill('\r\n--b:c')}`),
    },
  ];
}
