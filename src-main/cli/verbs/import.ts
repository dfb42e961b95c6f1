import { resolve } from 'node:path';
import type { ImportedContacts, ImportReport } from '#shared/job.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import { onlyWord, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { folderArgument } from '../folder-argument.ts';
import { count, octetsInWords } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Call, Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider import PATH --folder FOLDER
postrider import PATH [--keep-folders] [--folder FOLDER] [--leave-out FOLDER …]
postrider import PATH --look
postrider import --places

Takes in mail from a Thunderbird profile, a Google Takeout (.zip, .tgz or .mbox), an mbox of any dialect, a Maildir,
Apple Mail, .eml files, a folder, a zip or a .tar of these, each also packed by gzip; and people from address books: those of a Thunderbird profile, a .vcf
or .csv file, abook.sqlite or abook.mab. What is there already, byte for byte, is not doubled. An import
that was broken off is simply repeated: it goes on where it stopped, and its report is of both. Ends with 65 when something
could not be read. Links within a folder are not followed; those that lead out of it to mail are told.

With --folder alone everything goes into that folder. Otherwise folders are kept: Inbox goes to Inbox, Sent to Sent, the
others to folders of their names, below --folder where that is given. Gmail's labels become folders and tags.
  --leave-out FOLDER  what would go there is left out: --leave-out Trash --leave-out Junk
  --no-contacts       leaves the address books of a Thunderbird profile there
  --only-contacts     takes the address books alone
  --collected         takes the addresses, too, that Thunderbird collected by itself
  --look              shows what lies there and where it would go; nothing is taken
  --places            shows mail of other programs that was found on this computer`,
  async run(call) {
    const { values, positionals } = parseVerb(call.args, {
      folder: { type: 'string' },
      'keep-folders': { type: 'boolean' },
      'leave-out': { type: 'string', multiple: true },
      'no-contacts': { type: 'boolean' },
      'only-contacts': { type: 'boolean' },
      collected: { type: 'boolean' },
      look: { type: 'boolean' },
      places: { type: 'boolean' },
    });
    if (values.places === true) return showPlaces(call);
    const path = resolve(call.cwd, onlyWord(positionals, 'PATH'));
    if (values.look === true) return look(call, path);
    const folder = values.folder === undefined ? undefined : folderArgument(values.folder);
    const keepFolders = folder === undefined || values['keep-folders'] === true;
    const leaveOut = values['leave-out']?.map(folderArgument);
    const { api } = await call.app();
    const contacts = await contactsWanted(call, path, values);
    const report = await runJob(call, 'import', () =>
      api.call('import.start', { path, folder, keepFolders, leaveOut, ...contacts }),
    );
    if (call.out.isJson) call.out.json(asJson(report, keepFolders));
    else tell(call, report, keepFolders);
    return report.failedTotal > 0 ? exitCode.data : exitCode.ok;
  },
};

/** Nothing said: the address books, but for what was collected by itself. */
async function contactsWanted(
  call: Call,
  path: string,
  said: { 'no-contacts'?: boolean; 'only-contacts'?: boolean; collected?: boolean },
): Promise<Pick<ImportRequest, 'books' | 'sources'>> {
  if (said['no-contacts'] === true) {
    if (said['only-contacts'] === true || said.collected === true)
      throw new UsageError('--no-contacts does not go with --only-contacts or --collected.');
    return { books: [] };
  }
  const sources = said['only-contacts'] === true ? { sources: [] } : {};
  if (said.collected !== true) return sources;
  const { api } = await call.app();
  const { books = [] } = await api.call('import.look', { path });
  return { ...sources, books: books.map(({ id }) => id) };
}

/** The four figures always; what else there is to say only where there is something. */
function asJson(report: ImportReport, keepFolders: boolean): Record<string, unknown> {
  const { imported, duplicates, malformed, failed, failedTotal, deleted, leftOut, partial } = report;
  const { folders, tags, contacts, resumedAfter } = report;
  return {
    imported,
    duplicates,
    malformed,
    failed,
    ...(failedTotal > failed.length ? { failedTotal } : {}),
    ...(deleted > 0 ? { deleted } : {}),
    ...(leftOut > 0 ? { leftOut } : {}),
    ...(partial > 0 ? { partial } : {}),
    ...(tags.length > 0 ? { tags } : {}),
    ...(keepFolders ? { folders } : {}),
    ...(contacts === undefined ? {} : { contacts }),
    ...(resumedAfter === undefined ? {} : { resumedAfter }),
  };
}

async function showPlaces(call: Call): Promise<number> {
  const { api } = await call.app();
  const places = await api.call('import.places', {});
  if (call.out.isJson) call.out.json(places);
  else if (places.length === 0) call.out.line('No mail of other programs was found where they usually keep it.');
  else for (const { kind, name, path } of places) call.out.line(`${kind.padEnd(12)} ${name}  ${path}`);
  return exitCode.ok;
}

async function look(call: Call, path: string): Promise<number> {
  const { api } = await call.app();
  const view = await api.call('import.look', { path });
  if (call.out.isJson) call.out.json(view);
  else {
    for (const { account, name, folder, octets, messages } of view.folders) {
      const where = account === null ? name : `${account}: ${name}`;
      const many = messages === null ? '' : `${count(messages, 'message')}, `;
      call.out.line(`${where}  (${many}${octetsInWords(octets)}) -> ${folder}`);
    }
    for (const { name, addresses, isSuggested } of view.books ?? [])
      call.out.line(
        `${name}  (${addresses === null ? 'not readable' : count(addresses, 'address', 'addresses')}) -> address book${isSuggested ? '' : ', only with --collected'}`,
      );
    if (view.folders.length + (view.books?.length ?? 0) === 0) call.out.line('No mail was found there.');
    for (const note of view.notes) call.out.note(note);
  }
  return exitCode.ok;
}

function tell(call: Call, report: ImportReport, keepFolders: boolean): void {
  const { imported, duplicates, malformed, failed, failedTotal, deleted, leftOut, partial, folders, contacts } = report;
  const { out } = call;
  const isMail = imported + duplicates + deleted + leftOut + (contacts === undefined ? failedTotal : 0) > 0;
  if (isMail || contacts === undefined) {
    if (!isMail) out.line('No mail was found there.');
    else
      out.line(
        `${count(imported, 'message')} imported (${malformed} of them malformed), ${duplicates} were there already.`,
      );
  }
  if (contacts !== undefined) tellContacts(call, contacts);
  if (report.resumedAfter !== undefined)
    out.line(
      `It went on where it was broken off, after ${count(report.resumedAfter, 'message')}; these are the figures of both.`,
    );
  if (keepFolders) for (const entry of folders) out.line(`  ${entry.folder}: ${entry.imported}`);
  if (deleted > 0) out.line(`${count(deleted, 'message')} had been deleted in the other program and were left there.`);
  if (leftOut > 0) out.line(`${count(leftOut, 'message')} left out, as asked.`);
  if (partial > 0) out.line(`Of ${count(partial, 'message')} the other program had only fetched the beginning.`);
  for (const { source, error } of failed) out.note(`Not imported: ${source}: ${error.message}`);
  if (failedTotal > failed.length) out.note(`And ${failedTotal - failed.length} more.`);
}

function tellContacts({ out }: Call, { added, known, withoutAddress, lists }: ImportedContacts): void {
  out.line(`${count(added, 'address', 'addresses')} added to the address book, ${known} were in it already.`);
  if (withoutAddress > 0)
    out.line(`${count(withoutAddress, 'person', 'people')} without an e-mail address stayed there.`);
  if (lists.length > 0) out.line(`Mailing lists stayed there, their people came in: ${lists.join(', ')}.`);
}
