import { listedUses } from '#shared/mail/name-use.ts';
import { noWords, onlyWord, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { folderArgument } from '../folder-argument.ts';
import { count } from '../output.ts';
import type { Call, Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider folders                                 how many messages each holds, and how many are unread
postrider folders create FOLDER                   a slash makes one inside another: Projects/House
postrider folders rename FOLDER TO                with all in it; rules, accounts and searches that name it follow
postrider folders remove FOLDER [--with-children] its messages go to Trash`,
  async run(call) {
    const [action, ...args] = call.args;
    switch (action) {
      case 'create':
        return create(call, args);
      case 'rename':
        return rename(call, args);
      case 'remove':
        return remove(call, args);
      default:
        return list(call);
    }
  },
};

async function list(call: Call): Promise<number> {
  noWords(parseVerb(call.args, {}).positionals);
  const folders = await (await call.app()).api.call('folder.list', {});
  if (call.out.isJson) call.out.json(folders.map(({ folder, total, unread }) => ({ folder, total, unread })));
  else
    call.out.table(
      folders.map(({ folder, total, unread }) => [folder, `${total}`, unread > 0 ? `${unread} unread` : '']),
    );
  return exitCode.ok;
}

async function create({ app, out }: Call, args: string[]): Promise<number> {
  const folder = folderArgument(onlyWord(parseVerb(args, {}).positionals, 'FOLDER'));
  await (await app()).api.call('folder.create', { folder });
  if (out.isJson) out.json({ folder });
  else out.line(`The folder “${folder}” was made.`);
  return exitCode.ok;
}

async function rename({ app, out }: Call, args: string[]): Promise<number> {
  const [from, to, ...more] = parseVerb(args, {}).positionals;
  if (from === undefined || to === undefined) throw new UsageError('Name the folder and what it is to be called.');
  noWords(more);
  const answer = await (await app()).api.call('folder.rename', {
    folder: folderArgument(from),
    to: folderArgument(to),
  });
  if (out.isJson) out.json(answer);
  else {
    out.line(`“${from}” is “${answer.folder}” now.`);
    if (answer.followed.length > 0) out.line(`These follow: ${listedUses(answer.followed)}.`);
  }
  return exitCode.ok;
}

async function remove({ app, out }: Call, args: string[]): Promise<number> {
  const { values, positionals } = parseVerb(args, { 'with-children': { type: 'boolean' } });
  const folder = folderArgument(onlyWord(positionals, 'FOLDER'));
  const withChildren = values['with-children'] === true;
  const gone = await (await app()).api.call('folder.remove', { folder, withChildren });
  if (out.isJson) out.json(gone);
  else {
    const mail = gone.moved.length === 0 ? '' : ` ${count(gone.moved.length, 'message')} went to Trash.`;
    out.line(`${count(gone.folders.length, 'folder')} removed.${mail}`);
    if (gone.uses.length > 0) out.note(`Still named by ${listedUses(gone.uses)}.`);
  }
  return exitCode.ok;
}
