import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { toDiskError } from '#shared/disk-error.ts';
import type { Contact } from '#shared/mail/settings.ts';
import { ContactFormat } from '#shared/rpc/contract.ts';
import { noWords, onlyWord, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { count } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Call, Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider contacts list
postrider contacts export --format vcard|vcard4|csv --out FILE
postrider contacts import PATH
postrider contacts remove ADDRESS

The address book. Each address is an entry; those of one person belong together and go out as one card.
  export  writes everybody to a file that is not there yet: vCard 3.0, which every program reads, vCard 4.0, or a
          table. --out - writes to standard output.
  import  takes people from a .vcf or .csv file, from abook.sqlite or abook.mab, or from a Thunderbird profile. Whoever
          is there already stays; what was missing of a name, nickname, numbers or note is filled in. Ends with 65 when
          something could not be read.`,
  run(call) {
    const [action, ...args] = call.args;
    const rest = { ...call, args };
    switch (action) {
      case 'list':
        return list(rest);
      case 'export':
        return write(rest);
      case 'import':
        return take(rest);
      case 'remove':
        return remove(rest);
      default:
        throw new UsageError('Say what to do: contacts list, export, import or remove.');
    }
  },
};

async function list(call: Call): Promise<number> {
  noWords(parseVerb(call.args, {}).positionals);
  const contacts = await (await call.app()).api.call('contact.list', {});
  if (call.out.isJson) call.out.json(contacts);
  else if (contacts.length === 0)
    call.out.line('Nobody is in the address book yet. Add people with “postrider contacts import”.');
  else call.out.table(contacts.toSorted((a, b) => a.displayName.localeCompare(b.displayName)).map(rowOf));
  return exitCode.ok;
}

function rowOf({ displayName, mailbox, nickname, phones = [], phoneKinds = {}, note }: Contact): string[] {
  const name = nickname === undefined ? displayName : `${displayName} (${nickname})`.trim();
  return [mailbox, name, phones.map((phone) => numberWithKinds(phone, phoneKinds)).join(', '), note];
}

function numberWithKinds(phone: string, kinds: Contact['phoneKinds'] = {}): string {
  const own = Object.hasOwn(kinds, phone) ? (kinds[phone] ?? []) : [];
  return own.length === 0 ? phone : `${phone} (${own.join(', ')})`;
}

async function write(call: Call): Promise<number> {
  const { values, positionals } = parseVerb(call.args, { format: { type: 'string' }, out: { type: 'string' } });
  noWords(positionals);
  const format = ContactFormat.safeParse(values.format ?? 'vcard');
  if (!format.success) throw new UsageError('Say how: --format vcard, vcard4 or csv.');
  if (values.out === undefined || values.out === '') throw new UsageError('Say where to: --out FILE.');
  const { api } = await call.app();
  const { text, people, addresses } = await api.call('contact.export', { format: format.data });
  if (values.out === '-') {
    await call.out.bytes(Buffer.from(text));
    return exitCode.ok;
  }
  const out = resolve(call.cwd, values.out);
  await writeFile(out, text, { flag: 'wx', mode: 0o600, flush: true }).catch((error: unknown) => {
    throw toDiskError(error, `write ${out}`);
  });
  if (call.out.isJson) call.out.json({ people, addresses, out });
  else
    call.out.line(
      `${count(people, 'person', 'people')} (${count(addresses, 'address', 'addresses')}) written to ${out}.`,
    );
  return exitCode.ok;
}

async function take(call: Call): Promise<number> {
  const path = resolve(call.cwd, onlyWord(parseVerb(call.args, {}).positionals, 'PATH'));
  const { api } = await call.app();
  const { books = [] } = await api.call('import.look', { path });
  if (books.length === 0)
    throw new UsageError(`${path} is no address book: a .vcf or .csv file, or Thunderbird's own.`);
  const report = await runJob(call, 'import', () => api.call('import.start', { path, sources: [] }));
  const { contacts, failed, failedTotal } = report;
  const { added = 0, known = 0, withoutAddress = 0, lists = [] } = contacts ?? {};
  if (call.out.isJson) call.out.json({ added, known, withoutAddress, lists, failed });
  else {
    call.out.line(`${count(added, 'address', 'addresses')} added, ${known} were there already.`);
    if (withoutAddress > 0) call.out.line(`${count(withoutAddress, 'person', 'people')} without an address left out.`);
    if (lists.length > 0) call.out.line(`Lists left out, their people came in: ${lists.join(', ')}.`);
    for (const { error } of failed) call.out.note(`Not taken: ${error.message}`);
    if (failedTotal > failed.length) call.out.note(`And ${failedTotal - failed.length} more.`);
  }
  return failedTotal > 0 ? exitCode.data : exitCode.ok;
}

async function remove(call: Call): Promise<number> {
  const mailbox = onlyWord(parseVerb(call.args, {}).positionals, 'ADDRESS');
  await (await call.app()).api.call('contact.remove', { mailbox });
  if (call.out.isJson) call.out.json({ mailbox });
  else call.out.line('Removed.');
  return exitCode.ok;
}
