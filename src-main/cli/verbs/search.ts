import { longestQuery, parseSearch, type SearchProblem } from '#shared/mail/search-query.ts';
import { parseVerb, wholeNumber } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { folderArgument } from '../folder-argument.ts';
import { printRows } from '../message-rows.ts';
import type { Verb } from '../verb.ts';

const all = 1_000_000;

export const verb: Verb = {
  help: `postrider search QUERY [--folder FOLDER] [--limit N]

Finds messages that hold all the words, newest first. "Quoted words" follow each other, word* also finds longer words,
-word must not be there, A OR B is either, (parentheses) group. What else can be asked for:
  from:  to:  subject:  body:  filename:        words in that place (to: is To, Cc and Bcc)
  in:FOLDER  tag:TAG  has:attachment            where it is, what it carries
  is:unread  is:read  is:flagged  is:answered  is:forwarded  is:draft
  before:  after:  on:                          2026, 2026-11, 2026-11-21, today, yesterday, 7d, 2w, 3m, 1y
  larger:  smaller:                             500, 20k, 5M`,
  async run(call) {
    const { options, words } = apart(call.args);
    const { values } = parseVerb(options, { limit: { type: 'string' }, folder: { type: 'string' } });
    const query = words.join(' ').trim();
    if (query === '') throw new UsageError('Say what to search for.');
    if (query.length > longestQuery) throw new UsageError(`A search may have ${longestQuery} characters at most.`);
    const [problem] = parseSearch(query, Date.now()).problems;
    if (problem !== undefined) throw new UsageError(problemInWords(problem));
    const folder = values.folder === undefined ? undefined : folderArgument(values.folder);
    const limit = values.limit === undefined ? all : Math.min(all, wholeNumber(values.limit, '--limit'));
    if (limit === 0) return exitCode.ok;
    const { rows } = await (await call.app()).api.call('message.search', { query, folder, limit });
    printRows(call.out, rows, 'Nothing was found.');
    return exitCode.ok;
  },
};

/** A word that begins with one dash belongs to the query; only two dashes begin an option. */
function apart(args: readonly string[]): { options: string[]; words: string[] } {
  const options: string[] = [];
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      words.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith('--')) words.push(arg);
    else if (arg === '--limit' || arg === '--folder') options.push(...args.slice(at, ++at + 1));
    else options.push(arg);
  }
  return { options, words };
}

const wanted: Readonly<Record<SearchProblem['wants'], string>> = {
  date: 'a day (2026-11-21), a month (2026-11), a year, today, yesterday, or so long ago (7d, 2w, 3m, 1y)',
  size: 'a size such as 500, 20k or 5M',
  state: 'unread, read, flagged, answered, forwarded or draft',
  attachment: 'the word attachment',
};

function problemInWords({ operator, value, wants }: SearchProblem): string {
  return `${operator}: takes ${wanted[wants]}, not “${value}”.`;
}
