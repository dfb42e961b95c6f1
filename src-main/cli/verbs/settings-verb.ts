import { AccountId, IdentityId, ServerId } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import { noWords, onlyWord, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import type { Call, Verb } from '../verb.ts';

/** What `account`, `server` and `identity` have in common; each does the rest in its own way. */
export interface SettingsVerb {
  readonly name: string;
  readonly help: string;
  add(call: Call, args: string[]): Promise<{ id: string }>;
  set(call: Call, id: string, args: string[]): Promise<unknown>;
  list(call: Call): Promise<{ items: unknown[]; rows: string[][]; none: string }>;
  remove(call: Call, id: string): Promise<void>;
}

/** `add` and `set` read JSON from standard input. */
export function settingsVerb(parts: SettingsVerb): Verb {
  return {
    help: parts.help,
    async run(call) {
      const [action, ...args] = call.args;
      switch (action) {
        case 'add':
          return add(parts, call, args);
        case 'set':
          return set(parts, call, args);
        case 'list':
          return list(parts, call, args);
        case 'remove':
          return remove(parts, call, args);
        default:
          throw new UsageError(`Say what to do: ${parts.name} add, list, set or remove.`);
      }
    },
  };
}

async function add(parts: SettingsVerb, call: Call, args: string[]): Promise<number> {
  const { id } = await parts.add(call, args);
  if (call.out.isJson) call.out.json({ id });
  else call.out.line(id);
  return exitCode.ok;
}

async function set(parts: SettingsVerb, call: Call, args: string[]): Promise<number> {
  const [id, ...rest] = args;
  if (id === undefined || id.startsWith('-')) throw new UsageError(`Say which: ${parts.name} set ID.`);
  const view = await parts.set(call, id, rest);
  if (call.out.isJson) call.out.json(view);
  else call.out.line('Changed.');
  return exitCode.ok;
}

async function list(parts: SettingsVerb, call: Call, args: string[]): Promise<number> {
  noWords(parseVerb(args, {}).positionals);
  const { items, rows, none } = await parts.list(call);
  if (call.out.isJson) call.out.json(items);
  else if (items.length === 0) call.out.line(none);
  else call.out.table(rows);
  return exitCode.ok;
}

async function remove(parts: SettingsVerb, call: Call, args: string[]): Promise<number> {
  const id = onlyWord(parseVerb(args, {}).positionals, `${parts.name} ID`);
  await parts.remove(call, id);
  if (call.out.isJson) call.out.json({ id });
  else call.out.line('Removed.');
  return exitCode.ok;
}

const noSuch = (what: string, id: string): MailError => new MailError('ENOTFOUND', `There is no ${what} “${id}”.`);

export function accountId(text: string): AccountId {
  const parsed = AccountId.safeParse(text);
  if (!parsed.success) throw noSuch('account', text);
  return parsed.data;
}

export function serverId(text: string): ServerId {
  const parsed = ServerId.safeParse(text);
  if (!parsed.success) throw noSuch('outgoing server', text);
  return parsed.data;
}

export function identityId(text: string): IdentityId {
  const parsed = IdentityId.safeParse(text);
  if (!parsed.success) throw noSuch('identity', text);
  return parsed.data;
}
