import { noWords, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { count } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider index rebuild    make the index anew from the mail files
postrider index check      compare it with them; ends with 65 when they differ`,
  async run(call) {
    const [action, ...args] = call.args;
    if (action !== 'rebuild' && action !== 'check') throw new UsageError('Say what to do: index rebuild or check.');
    noWords(parseVerb(args, {}).positionals);
    const { api } = await call.app();
    const { messages, problems } = await runJob(call, 'index', () => api.call(`index.${action}`, {}));
    if (call.out.isJson) call.out.json({ messages, problems });
    else {
      call.out.line(`${count(messages, 'message')} ${action === 'check' ? 'checked' : 'indexed'}.`);
      for (const problem of problems) call.out.line(`  ${problem}`);
      if (problems.length > 0 && action === 'check') call.out.line('Put it right with “postrider index rebuild”.');
    }
    return problems.length > 0 ? exitCode.data : exitCode.ok;
  },
};
