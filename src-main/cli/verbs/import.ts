import { resolve } from 'node:path';
import { onlyWord, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { folderArgument } from '../folder-argument.ts';
import { count } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider import PATH --folder FOLDER

Takes in a message file, a folder of .eml files, an mbox of any dialect, a Maildir, or a zip of these. What is there
already, byte for byte, is not doubled. Ends with 65 when something could not be read.`,
  async run(call) {
    const { values, positionals } = parseVerb(call.args, { folder: { type: 'string' } });
    const path = resolve(call.cwd, onlyWord(positionals, 'PATH'));
    if (values.folder === undefined) throw new UsageError('Say where the mail should go: --folder FOLDER.');
    const folder = folderArgument(values.folder);
    const { api } = await call.app();
    const report = await runJob(call, 'import', () => api.call('import.start', { path, folder }));
    const { imported, duplicates, malformed, failed } = report;
    if (call.out.isJson) call.out.json({ imported, duplicates, malformed, failed });
    else {
      const sum = imported + duplicates + failed.length;
      call.out.line(
        sum === 0
          ? 'No mail was found there.'
          : `${count(imported, 'message')} imported (${malformed} of them malformed), ${duplicates} were there already.`,
      );
      for (const { source, error } of failed) call.out.note(`Not imported: ${source}: ${error.message}`);
    }
    return failed.length > 0 ? exitCode.data : exitCode.ok;
  },
};
