import type { RuleAction } from '#shared/mail/rule.ts';
import { noWords, onlyWord, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { folderArgument } from '../folder-argument.ts';
import { count } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Call, Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider rules list                       the rules in the order they are asked
postrider rules run FOLDER [--dry-run]     ask them about every message of a folder

  --dry-run  only tell what would be done to which messages

Ends with 65 when something could not be done.`,
  async run(call) {
    const [action, ...args] = call.args;
    switch (action) {
      case 'list':
        return list(call, args);
      case 'run':
        return run(call, args);
      default:
        throw new UsageError('Say what to do: rules list or run.');
    }
  },
};

async function list(call: Call, args: string[]): Promise<number> {
  noWords(parseVerb(args, {}).positionals);
  const rules = await (await call.app()).api.call('rule.list', {});
  const { out } = call;
  if (out.isJson) for (const rule of rules) out.json(rule);
  else if (rules.length === 0) out.line('There is no rule yet.');
  else out.table(rules.map(({ id, name, isEnabled, actions }) => [id, name, isEnabled ? '' : 'off', doing(actions)]));
  return exitCode.ok;
}

async function run(call: Call, args: string[]): Promise<number> {
  const { values, positionals } = parseVerb(args, { 'dry-run': { type: 'boolean' } });
  const folder = folderArgument(onlyWord(positionals, 'FOLDER'));
  const isDryRun = values['dry-run'] === true;
  const { api } = await call.app();
  const report = await runJob(call, 'rules', () => api.call('rule.run', { folder, isDryRun }));
  const { out } = call;
  if (out.isJson) {
    const { kind: _, ...told } = report;
    out.json(told);
  } else {
    for (const { subject, from, acts } of report.rows)
      out.line(`${subject} (${from}): ${doing(acts.map(({ action }) => action))}`);
    const fit = `${count(report.matched, 'message')} of ${report.examined} fit a rule`;
    out.line(isDryRun ? `${fit}. Nothing was changed.` : `${fit}.`);
    for (const problem of report.problems) out.note(problem);
  }
  return report.problems.length > 0 ? exitCode.data : exitCode.ok;
}

function doing(actions: readonly RuleAction[]): string {
  return actions.map(words).join(', ');
}

function words(action: RuleAction): string {
  switch (action.kind) {
    case 'move':
    case 'copy':
      return `${action.kind} to ${action.folder}`;
    case 'tag':
      return `tag ${action.tag}`;
    case 'forward':
    case 'redirect':
      return `${action.kind} to ${action.to}`;
    case 'mark-read':
      return 'mark as read';
    default:
      return action.kind;
  }
}
