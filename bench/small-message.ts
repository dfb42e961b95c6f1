/** The small message every contender sends. */
export function smallMessage(index: number): string {
  return [
    'From: Bench <bench@example.org>',
    'To: Sink <sink@example.net>',
    `Subject: Message ${index}`,
    'Date: Sat, 21 Nov 2026 12:00:00 +0000',
    `Message-ID: <bench-${index}@example.org>`,
    '',
    'A few words on one line, as most mail is.',
    '',
  ].join('\r\n');
}
