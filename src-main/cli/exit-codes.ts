import { assertNever } from '#shared/assert-never.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import type { MailErrorCode } from '#shared/mail-error.ts';

/** What the command ends with: the codes of sysexits.h. */
export const exitCode = {
  ok: 0,
  usage: 64,
  /** Bad data, or refused for good. */
  data: 65,
  /** Nobody would take it now: queued or deferred. */
  unavailable: 69,
  internal: 70,
  /** Temporary or uncertain. */
  temporary: 75,
  authentication: 77,
  settings: 78,
  /** As the shell counts SIGINT. */
  interrupted: 130,
} as const;

/** A wrong command line: answered with the usage on standard error. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The exit code for an error that ends a command. */
export function exitCodeOf(code: MailErrorCode): number {
  switch (code) {
    case 'EINVALID':
    case 'ENOTFOUND':
    case 'EMALFORMED':
    case 'ETOOLARGE':
    case 'EREJECTED':
      return exitCode.data;
    case 'ENOBODY_TAKES_IT':
      return exitCode.unavailable;
    case 'EAUTH':
    case 'EAUTH_SETUP':
    case 'ENEEDS_PASSWORD':
      return exitCode.authentication;
    case 'ESETTINGS':
      return exitCode.settings;
    case 'EINTERNAL':
      return exitCode.internal;
    default:
      return exitCode.temporary;
  }
}

/** The exit code that says where a message stands after a pass. */
export function exitCodeOfItem(item: Pick<OutboxItem, 'state' | 'heldFor' | 'isOwnFault'>): number {
  switch (item.state) {
    case 'sent':
      return exitCode.ok;
    case 'failed':
      return exitCode.data;
    case 'queued':
    case 'deferred':
      // It may have been taken, or offered to nobody: that servers would not have it would be wrong.
      return item.isOwnFault === true ? exitCode.temporary : exitCode.unavailable;
    case 'sending':
      return exitCode.temporary;
    case 'held':
      return exitCodeOfHold(item.heldFor);
    default:
      return assertNever(item.state);
  }
}

function exitCodeOfHold(heldFor: OutboxItem['heldFor']): number {
  switch (heldFor) {
    // The user asked for it to wait.
    case 'undo':
    case 'send-later':
      return exitCode.ok;
    case 'offline':
      return exitCode.unavailable;
    case 'needs-password':
      return exitCode.authentication;
    case 'content':
    case 'server-limits':
      return exitCode.data;
    case 'server-gone':
      return exitCode.settings;
    case 'uncertain':
    case undefined:
      return exitCode.temporary;
    default:
      return assertNever(heldFor);
  }
}
