const head = (subject: string): string[] => [
  'From: Postrider <test@localhost.invalid>',
  'To: Postrider <test@localhost.invalid>',
  `Subject: ${subject}`,
  'Date: Sun, 22 Nov 2026 00:00:00 +0000',
  'Message-ID: <scanner-test@localhost.invalid>',
  'MIME-Version: 1.0',
];

/** Put together here, so that no scanner takes this program itself for what it is told to find. */
function eicar(): string {
  return ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!', '$H+H*'].join('');
}

/** A message every scanner lets pass. */
export function cleanMessage(): Uint8Array {
  const lines = [
    ...head('A clean message'),
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Nothing is wrong with this.',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

/** A message with the harmless file every scanner has agreed to call a virus (eicar.org). */
export function infectedMessage(): Uint8Array {
  const lines = [
    ...head('The EICAR test file'),
    'Content-Type: multipart/mixed; boundary="=_scanner-test"',
    '',
    '--=_scanner-test',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'The attachment is harmless. A scanner has to call it a virus.',
    '--=_scanner-test',
    'Content-Type: application/octet-stream; name="eicar.com"',
    'Content-Disposition: attachment; filename="eicar.com"',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(eicar()).toString('base64'),
    '--=_scanner-test--',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}
