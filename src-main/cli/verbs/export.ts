import { resolve } from 'node:path';
import { ExportFormat } from '#shared/rpc/contract.ts';
import { noWords, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { folderArgument } from '../folder-argument.ts';
import { count, octetsInWords } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Verb } from '../verb.ts';

const namedInexact = 10;

export const verb: Verb = {
  help: `postrider export --format mbox|eml|maildir|zip --out PATH [--folder FOLDER …]

Writes a copy of one folder, of several, or of the whole mailbox. Nothing may be at PATH yet.
One folder: PATH is the mbox or zip file itself, or the directory of .eml files, or the Maildir.
Otherwise PATH is a directory with a file or directory for each folder; a zip is always one file.

An mbox gives every message back exactly that has CRLF line ends throughout; the others are named.
Messages whose files cannot be read are named and left out; it ends with 65 then.`,
  async run(call) {
    const { values, positionals } = parseVerb(call.args, {
      format: { type: 'string' },
      out: { type: 'string' },
      folder: { type: 'string', multiple: true },
    });
    noWords(positionals);
    const format = ExportFormat.safeParse(values.format);
    if (!format.success) throw new UsageError('Say how: --format mbox, eml, maildir or zip.');
    if (values.out === undefined || values.out === '') throw new UsageError('Say where to: --out PATH.');
    const out = resolve(call.cwd, values.out);
    const folders = values.folder?.map(folderArgument);
    const { api } = await call.app();
    const report = await runJob(call, 'export', () => api.call('export.start', { folders, format: format.data, out }));
    const { exported, octets, inexact, beginnings = [], unreadable = [] } = report;
    if (call.out.isJson)
      call.out.json({
        exported,
        inexact,
        ...(beginnings.length === 0 ? {} : { beginnings }),
        ...(unreadable.length === 0 ? {} : { unreadable }),
      });
    else {
      call.out.line(`${count(exported, 'message')} (${octetsInWords(octets)}) written to ${report.out}.`);
      if (unreadable.length > 0)
        call.out.line(
          `${count(unreadable.length, 'message')} not in it: the file cannot be read. Check its permissions and the disk.`,
        );
      for (const key of unreadable.slice(0, namedInexact)) call.out.line(`  ${key}`);
      if (beginnings.length > 0)
        call.out.line(`${count(beginnings.length, 'large message')} by the beginning only: the rest is not here.`);
      for (const key of beginnings.slice(0, namedInexact)) call.out.line(`  ${key}`);
      if (inexact.length > 0)
        call.out.line(
          `${count(inexact.length, 'message')} without CRLF throughout; an mbox cannot give them back exactly:`,
        );
      for (const key of inexact.slice(0, namedInexact)) call.out.line(`  ${key}`);
      if (inexact.length > namedInexact)
        call.out.line(`  and ${inexact.length - namedInexact} more; --json names them all.`);
    }
    return unreadable.length > 0 ? exitCode.data : exitCode.ok;
  },
};
