import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { MessageKey } from '#shared/ids.ts';
import type { BackupReport } from '#shared/job.ts';
import type { GoneFolder } from '#shared/mail/backup.ts';
import { MailError } from '#shared/mail-error.ts';
import { noWords, onlyWord, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { folderArgument } from '../folder-argument.ts';
import { count, octetsInWords } from '../output.ts';
import { readStdin } from '../read-input.ts';
import { runJob } from '../run-job.ts';
import type { Call, Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider backup create --out FILE [--incremental-from FILE] [--with-secrets --passphrase-file F]
postrider backup verify FILE
postrider backup show FILE [--folder FOLDER]
postrider backup restore FILE [--folder FOLDER …] [--message KEY …] [--settings if-empty|add|leave]
                              [--into FOLDER] [--passphrase-file F] [--intact]

create   one zip with every message, its flags and tags, what was collected and sent, and the settings, as they are at
         one moment. Nothing may be at FILE yet. --incremental-from: only what that backup does not hold; keep both
         files in one folder. Passwords are left out unless --with-secrets is given; then they are encrypted.
         Ends with 65 when something could not be read; all else is in it, and what is not is named.
verify   reads FILE and the earlier ones it needs to the last octet. Ends with 65 when something does not hold, and names
         what is damaged.
show     what is in FILE, or the messages of one folder with their keys.
restore  puts back what is missing here: all of it, some folders, or some messages. What is here already stays as it is.
         A folder that was removed comes back; one that was renamed only where some of its messages are nowhere here.
         What stood in the Outbox comes back held and is not sent by itself.

  --intact           FILE is damaged, or one it needs is missing: put back what is intact and name what is not. Without it
                     nothing of such a backup is restored. Ends with 65 when something was damaged
  --into             one --folder, or messages, go to this folder instead of their own
  --settings         if-empty (default): accounts, servers and identities are taken when this profile has none;
                     add: those that are missing are added; leave: none
  --passphrase-file  a file whose first line is the passphrase; - for standard input. Or the environment variable
                     POSTRIDER_PASSPHRASE

With --json: create {file, kind, createdAt, messages, added, octets, sha256, problems} · verify {ok, file, kind,
createdAt, messages, chain: [{file, sha256}], problems} · restore {restored, alreadyThere, octets, held, tookSettings,
returned, problems} · of a damaged one both also {damaged: [{file, entry, holds, folder, subject, from, date}],
damagedTotal, damagedMessages}, verify {intactMessages}, restore {unlisted} · show {file, kind, createdAt, messages, folders: [{folder, messages, octets}], hasSecrets, needs,
missing, gone: [{folder, missing, elsewhere, elsewhereIn, comesBack}]}, or one message a line {messageKey, folder, subject, from, date, sizeOctets, flags}`,
  async run(call) {
    const [action, ...args] = call.args;
    switch (action) {
      case 'create':
        return create(call, args);
      case 'verify':
        return verify(call, args);
      case 'show':
        return show(call, args);
      case 'restore':
        return restore(call, args);
      default:
        throw new UsageError('Say what to do: backup create, verify, show or restore.');
    }
  },
};

async function create(call: Call, args: string[]): Promise<number> {
  const { values, positionals } = parseVerb(args, {
    out: { type: 'string' },
    'incremental-from': { type: 'string' },
    'with-secrets': { type: 'boolean', default: false },
    'passphrase-file': { type: 'string' },
  });
  noWords(positionals);
  if (values.out === undefined || values.out === '') throw new UsageError('Say where to: --out FILE.');
  const out = resolve(call.cwd, values.out);
  const from = values['incremental-from'];
  const given = values['with-secrets'] ? await passphraseOf(call, values['passphrase-file']) : undefined;
  if (values['with-secrets'] && given === undefined)
    throw new UsageError('Passwords go in only under a passphrase: give --passphrase-file F.');
  if (!values['with-secrets'] && values['passphrase-file'] !== undefined)
    throw new UsageError('A passphrase is of use only with --with-secrets.');
  const { api } = await call.app();
  const made = await runJob(call, 'backup', () =>
    api.call('backup.create', {
      out,
      incrementalFrom: from === undefined ? undefined : resolve(call.cwd, from),
      passphrase: given,
    }),
  );
  const { file, archiveKind: kind, createdAt, messages, others: added, octets, chain, problems } = made;
  const sha256 = chain[0]?.sha256 ?? '';
  if (call.out.isJson) call.out.json({ file, kind, createdAt, messages, added, octets, sha256, problems });
  else {
    const share = kind === 'full' ? '' : `, ${added} of them in this file`;
    call.out.line(`${count(messages, 'message')}${share} (${octetsInWords(octets)}) backed up to ${file}.`);
    for (const problem of problems) call.out.note(problem);
  }
  // What could not be read is not in it: nobody should learn that when it is needed.
  return problems.length === 0 ? exitCode.ok : exitCode.data;
}

async function verify(call: Call, args: string[]): Promise<number> {
  const file = resolve(call.cwd, onlyWord(parseVerb(args, {}).positionals, 'FILE'));
  const { api } = await call.app();
  const report = await runJob(call, 'backup', () => api.call('backup.verify', { file }));
  const { archiveKind: kind, createdAt, messages, chain, problems } = report;
  const ok = isSound(report);
  if (call.out.isJson) call.out.json({ ok, file, kind, createdAt, messages, chain, ...damageOf(report), problems });
  else {
    if (ok)
      call.out.line(`${file} holds: ${count(messages, 'message')} of ${createdAt.slice(0, 16).replace('T', ' ')}.`);
    else call.out.line(`${file} does not hold. Do not rely on it.${intactInWords(report)}`);
    for (const earlier of chain.slice(1)) call.out.line(`  It needs ${earlier.file}.`);
    for (const problem of problems) call.out.note(problem);
  }
  return ok ? exitCode.ok : exitCode.data;
}

function intactInWords({ intactMessages = 0, damagedMessages = 0 }: BackupReport): string {
  if (intactMessages === 0) return '';
  const damaged = damagedMessages === 0 ? '' : `, ${damagedMessages} ${damagedMessages === 1 ? 'is' : 'are'} not`;
  const are = intactMessages === 1 ? 'is' : 'are';
  return ` ${count(intactMessages, 'message')} in it ${are} intact${damaged}. What is intact comes back by: postrider backup restore --intact FILE.`;
}

/** What a damaged one adds to the report. */
function damageOf({ damaged, damagedTotal, damagedMessages, intactMessages, unlisted }: BackupReport) {
  return damaged === undefined ? {} : { damaged, damagedTotal, damagedMessages, intactMessages, unlisted };
}

function isSound({ verified }: Pick<BackupReport, 'verified'>): boolean {
  return verified === true;
}

async function show(call: Call, args: string[]): Promise<number> {
  const { values, positionals } = parseVerb(args, { folder: { type: 'string' } });
  const file = resolve(call.cwd, onlyWord(positionals, 'FILE'));
  const { api } = await call.app();
  if (values.folder !== undefined) return showFolder(call, file, values.folder);
  const contents = await api.call('backup.inspect', { file });
  const { out } = call;
  if (out.isJson) out.json(contents);
  else {
    const { kind, createdAt, messages, folders, needs, missing, hasSecrets } = contents;
    out.line(`${kind === 'full' ? 'Full' : 'Incremental'} backup of ${createdAt}, ${count(messages, 'message')}.`);
    out.table(folders.map((one) => [one.folder, count(one.messages, 'message'), octetsInWords(one.octets)]));
    for (const folder of contents.gone ?? []) out.line(goneInWords(folder));
    if (hasSecrets) out.line('Passwords are in it, encrypted.');
    for (const earlier of needs) out.line(`It needs ${earlier.file}.`);
    if (missing !== null) out.line(`It needs ${basename(missing)}, which is missing.`);
  }
  return exitCode.ok;
}

function goneInWords({ folder, missing, elsewhere, elsewhereIn, comesBack }: GoneFolder): string {
  const rest = elsewhere === 0 ? '' : `; ${elsewhere} of its messages are here already, in ${elsewhereIn.join(', ')}`;
  if (!comesBack) return `“${folder}” is not here any more and does not come back${rest}.`;
  return `“${folder}” is not here any more; a restore brings it back with ${count(missing, 'message')}${rest}.`;
}

async function showFolder(call: Call, file: string, name: string): Promise<number> {
  const { api } = await call.app();
  const folder = folderArgument(name);
  const limit = 10_000;
  for (let offset = 0; ; offset += limit) {
    const { rows, total } = await api.call('backup.messages', { file, folder, offset, limit });
    for (const row of rows) {
      if (call.out.isJson) call.out.json(row);
      else call.out.line(`${row.messageKey}  ${row.date.slice(0, 10)}  ${row.from.slice(0, 30)}  ${row.subject}`);
    }
    if (offset + limit >= total) return exitCode.ok;
  }
}

const settingsChoices = ['if-empty', 'add', 'leave'] as const;

async function restore(call: Call, args: string[]): Promise<number> {
  const { values, positionals } = parseVerb(args, {
    folder: { type: 'string', multiple: true },
    message: { type: 'string', multiple: true },
    into: { type: 'string' },
    settings: { type: 'string' },
    'passphrase-file': { type: 'string' },
    intact: { type: 'boolean', default: false },
  });
  const file = resolve(call.cwd, onlyWord(positionals, 'FILE'));
  const settings = settingsChoices.find((choice) => choice === values.settings);
  if (values.settings !== undefined && settings === undefined)
    throw new UsageError('--settings is if-empty, add or leave.');
  const folders = values.folder?.map(folderArgument);
  const messageKeys = values.message?.map(keyArgument);
  const into = values.into === undefined ? undefined : folderArgument(values.into);
  const given = await passphraseOf(call, values['passphrase-file']);
  const { api } = await call.app();
  // One that stands in the environment for other backups is no mistake with a backup that needs none.
  const isNeeded = values['passphrase-file'] !== undefined || (given !== undefined && (await hasSecrets(call, file)));
  const passphrase = isNeeded ? given : undefined;
  const report = await runJob(call, 'backup', () =>
    api.call('backup.restore', { file, folders, messageKeys, into, settings, passphrase, intact: values.intact }),
  ).catch((error: unknown) => {
    throw values.intact ? error : withWayOut(error);
  });
  const { messages: restored, others: alreadyThere, octets, held, tookSettings, problems, returned = [] } = report;
  const isDamaged = report.damaged !== undefined;
  if (call.out.isJson)
    call.out.json({ restored, alreadyThere, octets, held, tookSettings, returned, ...damageOf(report), problems });
  else {
    if (isDamaged) call.out.line(notAllInWords(report));
    call.out.line(
      `${count(restored, 'message')} (${octetsInWords(octets)}) restored, ${alreadyThere} were here already.` +
        (tookSettings ? ' Accounts, servers and identities were taken from the backup.' : ''),
    );
    if (returned.length > 0) call.out.line(`Folders that were not here came back: ${returned.join(', ')}.`);
    if (held > 0)
      call.out.line(
        `${count(held, 'message')} of the Outbox came back and ${held === 1 ? 'waits' : 'wait'} for your word: see postrider outbox list.`,
      );
    for (const problem of problems) call.out.note(problem);
  }
  return isDamaged ? exitCode.data : exitCode.ok;
}

function notAllInWords({ damagedMessages = 0, unlisted = 0 }: BackupReport): string {
  const lost =
    damagedMessages === 0
      ? 'Every message that its lists name came back or was here.'
      : `${count(damagedMessages, 'message')} could not be restored; each is named below.`;
  const bare = unlisted === 0 ? '' : ` ${count(unlisted, 'message')} came back without flags and tags.`;
  return `The backup is damaged. ${lost}${bare}`;
}

/** A damaged one cannot say; its restore will. */
async function hasSecrets(call: Call, file: string): Promise<boolean> {
  const { api } = await call.app();
  return api.call('backup.inspect', { file }).then(
    (contents) => contents.hasSecrets,
    () => false,
  );
}

/** A damaged backup is refused whole, unless the user says otherwise. */
function withWayOut(error: unknown): unknown {
  if (!(error instanceof MailError) || error.code !== 'EMALFORMED') return error;
  return new MailError(
    error.code,
    `${error.message} Nothing was restored. To get what is intact in it: postrider backup restore --intact FILE.`,
    { cause: error },
  );
}

function keyArgument(text: string): MessageKey {
  const parsed = MessageKey.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new MailError('EINVALID', `“${text}” cannot be the key of a message.`);
}

/** The passphrase; undefined when none is given. Never an argument, which every user of the machine can see. */
async function passphraseOf(call: Call, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return call.env.POSTRIDER_PASSPHRASE === '' ? undefined : call.env.POSTRIDER_PASSPHRASE;
  const text = file === '-' ? (await readStdin(call, 4096)).toString('utf8') : await readLine(resolve(call.cwd, file));
  const passphrase = text.split(/\r?\n/, 1)[0] ?? '';
  if (passphrase === '') throw new MailError('EINVALID', 'The passphrase is empty.');
  return passphrase;
}

async function readLine(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new MailError('ENOTFOUND', `The passphrase file ${path} cannot be read.`, { cause: error });
  }
}
