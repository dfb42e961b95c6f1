/** One reply of a server: RFC 5321 §4.2, RFC 3463 for the enhanced status code. */
export interface SmtpReply {
  readonly replyCode: number;
  readonly enhancedStatusCode: string | undefined;
  /** Everything it said, the codes included, line breaks as spaces. */
  readonly text: string;
  /** Its lines without the reply code. */
  readonly lines: readonly string[];
}

const firstLine = /^(\d{3})(?:[ -]|$)/;
const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/;

/**
 * Reads a whole reply (its lines joined by LF); null when it is none. RFC 5321 §4.2.1 has the same code on each line: one
 * that begins with a yes and ends with a no is neither, and must not pass for a message taken.
 */
export function parseReply(raw: string): SmtpReply | null {
  const code = firstLine.exec(raw)?.[1];
  if (code === undefined) return null;
  const lines = raw.split('\n').map((line) => line.replace(/\r$/, ''));
  const lastClass = /^[2-5](?=\d\d(?:[ -]|$))/.exec(lines.at(-1) ?? '')?.[0];
  if (lastClass !== undefined && lastClass !== code[0]) return null;
  const words = lines.map((line, index) => (index === 0 ? line : line.replace(/^\d{3}[ -]?/, '')));
  return {
    replyCode: Number(code),
    enhancedStatusCode: enhanced.exec(raw)?.[1],
    text: words.join(' ').trim().slice(0, 2000),
    lines: lines.map((line) => line.replace(/^\d{3}[ -]?/, '')),
  };
}

/** 2yz. */
export function isPositive(reply: SmtpReply): boolean {
  return reply.replyCode >= 200 && reply.replyCode < 300;
}
