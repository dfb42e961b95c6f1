import { parseVerb, wholeNumber } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { folderArgument } from '../folder-argument.ts';
import { printRows } from '../message-rows.ts';
import type { Verb } from '../verb.ts';

const all = 1_000_000;

export const verb: Verb = {
  help: `postrider search WORDS [--folder FOLDER] [--limit N]

Finds messages that hold all the words, in subject, addresses or text; newest first.`,
  async run(call) {
    const { values, positionals } = parseVerb(call.args, { limit: { type: 'string' }, folder: { type: 'string' } });
    const query = positionals.join(' ').trim();
    if (query === '') throw new UsageError('Say what to search for.');
    const folder = values.folder === undefined ? undefined : folderArgument(values.folder);
    const limit = values.limit === undefined ? all : Math.min(all, wholeNumber(values.limit, '--limit'));
    if (limit === 0) return exitCode.ok;
    const { rows } = await (await call.app()).api.call('message.search', { query, folder, limit });
    printRows(call.out, rows, 'Nothing was found.');
    return exitCode.ok;
  },
};
