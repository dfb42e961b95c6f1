import type { Flag } from '#shared/mail/message.ts';

/** What the fields that mail programs leave in their mboxes say of a message. */
export interface MboxStatus {
  readonly flags: Flag[];
  /** Thunderbird keeps its own field in every message of its files. */
  readonly hasMozillaStatus: boolean;
  /** Thunderbird: deleted, and only waiting to be compacted away. */
  readonly isExpunged: boolean;
}

const longestHeader = 256 * 1024;

/** Reads Status and X-Status (mutt, Dovecot, UW) and X-Mozilla-Status (Thunderbird) from a message's header. */
export function mboxStatus(bytes: Buffer): MboxStatus {
  const head = bytes.subarray(0, longestHeader).toString('latin1');
  const end = /\r?\n\r?\n/.exec(head);
  const header = end === null ? head : head.slice(0, end.index + 1);
  const status = fieldOf(header, 'Status') + fieldOf(header, 'X-Status');
  const mozillaStatus = fieldOf(header, 'X-Mozilla-Status');
  const mozilla = Number.parseInt(mozillaStatus, 16) || 0;
  const flags = new Set<Flag>();
  if (status.includes('R') || (mozilla & 0x0001) !== 0) flags.add('seen');
  if (status.includes('A') || (mozilla & 0x0002) !== 0) flags.add('answered');
  if (status.includes('F') || (mozilla & 0x0004) !== 0) flags.add('flagged');
  if (status.includes('T')) flags.add('draft');
  if ((mozilla & 0x1000) !== 0) flags.add('forwarded');
  return { flags: [...flags], hasMozillaStatus: mozillaStatus !== '', isExpunged: (mozilla & 0x0008) !== 0 };
}

function fieldOf(header: string, name: string): string {
  const found = new RegExp(`^${name}:[ \\t]*([\\w]{0,16})[ \\t]*\\r?$`, 'im').exec(header);
  return found?.[1] ?? '';
}
