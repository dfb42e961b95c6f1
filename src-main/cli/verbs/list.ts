import { onlyWord, parseVerb, wholeNumber } from '../arguments.ts';
import { exitCode } from '../exit-codes.ts';
import { folderArgument } from '../folder-argument.ts';
import { printRows } from '../message-rows.ts';
import type { Verb } from '../verb.ts';

const all = 1_000_000;

export const verb: Verb = {
  help: `postrider list FOLDER [--limit N]

Lists the messages of a folder, newest first; with --json one message a line.`,
  async run(call) {
    const { values, positionals } = parseVerb(call.args, { limit: { type: 'string' } });
    const folder = folderArgument(onlyWord(positionals, 'FOLDER'));
    const limit = values.limit === undefined ? all : Math.min(all, wholeNumber(values.limit, '--limit'));
    if (limit === 0) return exitCode.ok;
    const { rows } = await (await call.app()).api.call('message.list', { folder, limit });
    printRows(call.out, rows, `${folder} is empty.`);
    return exitCode.ok;
  },
};
