import { MessageKey } from '#shared/ids.ts';
import type { QuarantinedMessage } from '#shared/mail/quarantine.ts';
import { noWords, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { count } from '../output.ts';
import type { Call, Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider quarantine list            what the virus scanner holds back, and its words
postrider quarantine release KEY …   file it where it was for; what was rejected can be opened then
postrider quarantine delete KEY …    remove it for good
postrider quarantine check KEY …     have it judged again (a closed Postrider does it at its next collection)
postrider quarantine scanner set PROGRAM [ARGUMENT …]   judge mail with this program from now on
postrider quarantine scanner off     judge no mail
postrider quarantine scanner         how it is set
postrider quarantine try             run the scanner of the settings on a clean message and on the EICAR test file

{file} among the arguments stands for a copy of the message; without it, the message comes on standard input. Write --
before arguments that begin with a dash: scanner set -- clamscan --no-summary {file}.

try ends with 78 when the scanner does not catch the test file or lets nothing pass.`,
  async run(call) {
    const [action, ...args] = call.args;
    switch (action) {
      case 'list':
        return list(call, args);
      case 'release':
      case 'delete':
      case 'check':
        return act(call, action, args);
      case 'try':
        return tryScanner(call, args);
      case 'scanner':
        return scanner(call, args);
      default:
        throw new UsageError('Say what to do: quarantine list, release, delete, check, scanner or try.');
    }
  },
};

async function list(call: Call, args: string[]): Promise<number> {
  noWords(parseVerb(args, {}).positionals);
  const held = await (await call.app()).api.call('quarantine.list', {});
  const { out } = call;
  if (out.isJson) for (const one of held) out.json(one);
  else if (held.length === 0) out.line('Nothing is in Quarantine.');
  else out.table(held.map(cellsOf));
  return exitCode.ok;
}

function cellsOf({ messageKey, state, from, subject, words }: QuarantinedMessage): string[] {
  return [messageKey, state, from.slice(0, 30), subject.slice(0, 40), words.split('\n')[0] ?? ''];
}

async function act(call: Call, action: 'release' | 'delete' | 'check', args: string[]): Promise<number> {
  const messageKeys = parseVerb(args, {}).positionals.map((word) => {
    const key = MessageKey.safeParse(word);
    if (!key.success) throw new UsageError(`“${word}” is not the key of a message.`);
    return key.data;
  });
  if (messageKeys.length === 0) throw new UsageError(`Name the messages: quarantine ${action} KEY …`);
  const { api } = await call.app();
  const { out } = call;
  if (action === 'release') {
    const { released } = await api.call('quarantine.release', { messageKeys });
    if (out.isJson) for (const one of released) out.json(one);
    else for (const { messageKey, folder } of released) out.line(`${messageKey} is in ${folder} now.`);
    return exitCode.ok;
  }
  await api.call(`quarantine.${action}`, { messageKeys });
  const what = count(messageKeys.length, 'message');
  if (!out.isJson) out.line(action === 'delete' ? `${what} removed for good.` : `${what} to be judged again.`);
  return exitCode.ok;
}

async function scanner(call: Call, args: string[]): Promise<number> {
  const [action, ...words] = args;
  const { api } = await call.app();
  if (action === 'set') {
    const [command, ...rest] = parseVerb(words, {}).positionals;
    if (command === undefined) throw new UsageError('Name the program: quarantine scanner set PROGRAM [ARGUMENT …]');
    await api.call('scanner.set', { patch: { command, arguments: rest, isEnabled: true } });
  } else if (action === 'off') await api.call('scanner.set', { patch: { isEnabled: false } });
  else if (action !== undefined) throw new UsageError('Say what to do: quarantine scanner set or off.');
  const { settings, problem } = await api.call('scanner.status', {});
  const { out } = call;
  if (out.isJson) out.json(settings);
  else {
    const line = [settings.command, ...settings.arguments].join(' ');
    out.line(settings.isEnabled ? `Mail that arrives is judged by: ${line}` : 'Mail that arrives is not judged.');
    if (problem !== null) out.note(problem);
  }
  return exitCode.ok;
}

async function tryScanner(call: Call, args: string[]): Promise<number> {
  noWords(parseVerb(args, {}).positionals);
  const { api } = await call.app();
  const { settings } = await api.call('scanner.status', {});
  const tried = await api.call('scanner.try', { scanner: settings });
  const { out } = call;
  if (out.isJson) out.json(tried);
  else {
    out.line(`A clean message: ${tried.clean.verdict}. ${tried.clean.words}`);
    out.line(`The EICAR test file: ${tried.infected.verdict}. ${tried.infected.words}`);
  }
  const works = tried.clean.verdict === 'clean' && tried.infected.verdict === 'rejected';
  return works ? exitCode.ok : exitCode.settings;
}
