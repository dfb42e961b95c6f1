import { noWords, parseVerb } from '../arguments.ts';
import { exitCode } from '../exit-codes.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider folders

Lists the folders with how many messages they hold and how many are unread.`,
  async run(call) {
    noWords(parseVerb(call.args, {}).positionals);
    const folders = await (await call.app()).api.call('folder.list', {});
    if (call.out.isJson) call.out.json(folders.map(({ folder, total, unread }) => ({ folder, total, unread })));
    else
      call.out.table(
        folders.map(({ folder, total, unread }) => [folder, `${total}`, unread > 0 ? `${unread} unread` : '']),
      );
    return exitCode.ok;
  },
};
