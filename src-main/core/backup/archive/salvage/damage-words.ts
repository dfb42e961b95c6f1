import { basename } from 'node:path';
import { assertNever } from '#shared/assert-never.ts';
import type { BackupDamage } from '#shared/job.ts';
import type { LeftMessage } from './left-messages.ts';
import type { LeftBackup } from './open-salvage.ts';

/** So many are named; all are counted. */
const namedDamage = 2000;

/** What is damaged, by name, as it is met. */
export class DamageList {
  readonly list: BackupDamage[] = [];
  total = 0;
  messages = 0;

  add(damage: BackupDamage): void {
    this.total += 1;
    if (damage.holds === 'message') this.messages += 1;
    if (this.list.length < namedDamage) this.list.push(damage);
  }

  /** In sentences. */
  inWords(): string[] {
    const more = this.total - this.list.length;
    return [...this.list.map(damageInWords), ...(more === 0 ? [] : [`And ${more} more like these.`])];
  }
}

/** What is damaged of the files themselves, before any message is looked at. */
export function noteFiles(chain: readonly LeftBackup[], damage: DamageList): void {
  for (const backup of chain) if (!backup.isAside) for (const each of backup.damage) damage.add(each);
  const last = chain.findLast(({ isAside }) => !isAside);
  const base = last?.manifest?.base ?? null;
  if (last !== undefined && base !== null) damage.add({ file: basename(last.file), entry: base.file, holds: 'base' });
}

/** A message whose bytes are nowhere in what was read. */
export function damageOf(message: Exclude<LeftMessage, { kind: 'unlisted' }>): BackupDamage {
  if (message.kind === 'lost') {
    const { name, folder, backup } = message;
    return { file: basename(backup.file), entry: name, holds: 'message', folder };
  }
  const { line, backup } = message;
  const { key, path, folder, subject, from, date } = line;
  return {
    file: basename(backup.file),
    entry: path ?? key,
    holds: 'message',
    folder,
    subject,
    from,
    date: new Date(date).toISOString(),
  };
}

function damageInWords(damage: BackupDamage): string {
  const { file, entry, holds, folder = '' } = damage;
  switch (holds) {
    case 'message':
      return messageInWords(damage);
    case 'messages':
      return `${file}: a list of messages${folder === '' ? '' : ` in ${folder}`} is damaged (“${entry}”). Their flags, tags and times are lost with it.`;
    case 'ledger':
      return `${file}: a part of what was collected and sent is damaged (“${entry}”).`;
    case 'settings':
      return `${file}: the settings are damaged (“${entry}”).`;
    case 'secrets':
      return `${file}: the passwords are damaged (“${entry}”).`;
    case 'note':
      return `${file}: “${entry}” is damaged. Nothing of your mail is in it.`;
    case 'manifest':
      return `${file}: the manifest, which names everything in it, is damaged or cut off. Whether there was more than was found is not known.`;
    case 'directory':
      return `${file}: the directory of the zip is damaged or cut off. Its entries were looked for one by one.`;
    case 'base':
      return `${file}: the earlier backup it needs, ${entry}, is missing or cannot be read.`;
    default:
      return assertNever(holds);
  }
}

function messageInWords({ file, entry, folder = '', subject = '', from = '', date = '' }: BackupDamage): string {
  if (date === '') return `${file}: the message “${entry}” is damaged.`;
  const said = subject === '' ? 'without a subject' : `“${subject}”`;
  const sender = from === '' ? '' : ` from ${from}`;
  return `${file}: the message ${said}${sender} of ${date.slice(0, 10)} in ${folder} is damaged or missing (“${entry}”).`;
}
