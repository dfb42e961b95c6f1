import { FolderPath } from '#shared/ids.ts';
import { mailboxesIn } from '#shared/mail/address-list.ts';
import { folder } from '#shared/mail/folder.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { headerTextOf } from './message-identity.ts';

/** Where mail of a shared maildrop goes whose recipient no route names: never away. */
const unsortedFolder = FolderPath.parse('Unsorted');

const defaultFields = ['Delivered-To', 'X-Original-To', 'X-Envelope-To'];

/** The folder a collected message is filed in: by the recipient its header names where the account is a multidrop, else the account's. */
export function folderFor(account: Pick<IncomingAccount, 'folder' | 'multidrop'>, bytes: Uint8Array): FolderPath {
  const { multidrop } = account;
  if (multidrop === undefined) return account.folder ?? folder.inbox;
  const fields = multidrop.fields.length > 0 ? multidrop.fields : defaultFields;
  const header = headerFields(bytes);
  for (const field of fields) {
    const mailboxes = header
      .filter(({ name }) => name === field.toLowerCase())
      .flatMap(({ value }) => mailboxesIn(value.toLowerCase()));
    for (const mailbox of mailboxes) {
      const route = multidrop.routes.find(({ match }) => matches(match, mailbox));
      if (route !== undefined) return route.folder;
    }
  }
  return unsortedFolder;
}

/**
 * The folder of a message that was handed to us with its envelope: by the routes of the shared maildrops, the envelope
 * asked before the header, since it is what the header only repeats; else the Inbox.
 */
export function folderForHanded(
  accounts: readonly Pick<IncomingAccount, 'multidrop'>[],
  { forwardPaths, bytes }: { readonly forwardPaths: readonly string[]; readonly bytes: Uint8Array },
): FolderPath {
  const routes = accounts.flatMap(({ multidrop }) => multidrop?.routes ?? []);
  for (const mailbox of forwardPaths) {
    const route = routes.find(({ match }) => matches(match, mailbox.toLowerCase()));
    if (route !== undefined) return route.folder;
  }
  for (const { multidrop } of accounts) {
    if (multidrop === undefined) continue;
    const found = folderFor({ multidrop }, bytes);
    if (found !== unsortedFolder) return found;
  }
  return folder.inbox;
}

/** `a@b.c`, a whole domain as `@b.c`, `*@b.c` or `b.c`, or everything as `*`. */
function matches(match: string, mailbox: string): boolean {
  const wanted = match.trim().toLowerCase();
  if (wanted === '*') return true;
  const domain = mailbox.slice(mailbox.lastIndexOf('@'));
  if (wanted.startsWith('*@')) return domain === wanted.slice(1);
  if (wanted.startsWith('@')) return domain === wanted;
  return wanted.includes('@') ? mailbox === wanted : domain === `@${wanted}`;
}

function headerFields(bytes: Uint8Array): { name: string; value: string }[] {
  const unfolded = headerTextOf(bytes).replace(/\r?\n[ \t]+/g, ' ');
  return unfolded.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':');
    return colon <= 0 ? [] : [{ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1) }];
  });
}
