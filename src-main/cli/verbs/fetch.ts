import { MessageKey } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import { onlyWord, parseVerb } from '../arguments.ts';
import { exitCode } from '../exit-codes.ts';
import { octetsInWords } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider fetch KEY

Gets the whole of a large message of which only the beginning is here, and puts it in its place: same
folder, flags and tags. Prints the key of the whole message. “list” and “show” say which messages those are.`,
  async run(call) {
    const { positionals } = parseVerb(call.args, {});
    const text = onlyWord(positionals, 'message KEY');
    const key = MessageKey.safeParse(text);
    if (!key.success) throw new MailError('ENOTFOUND', `There is no message “${text}”.`);
    const { api } = await call.app();
    const report = await runJob(call, 'fetch', () => api.call('message.fetchWhole', { messageKey: key.data }));
    const { messageKey, octets, isDeletedThere } = report;
    if (call.out.isJson) call.out.json({ messageKey, octets, isDeletedThere });
    else {
      call.out.line(messageKey);
      const there = isDeletedThere ? ' It was deleted on the server, as its account says.' : '';
      call.out.note(`All ${octetsInWords(octets)} of it are here.${there}`);
    }
    return exitCode.ok;
  },
};
