import type { Verb } from './verb.ts';

interface Entry {
  readonly name: string;
  readonly summary: string;
  /** Each verb is its own module, so that a command loads only what it needs. */
  readonly load: () => Promise<{ readonly verb: Verb }>;
}

const entries: readonly Entry[] = [
  { name: 'account', summary: 'incoming accounts: add, list, set, remove', load: () => import('./verbs/account.ts') },
  {
    name: 'server',
    summary: 'outgoing servers: add, list, set, remove, kick',
    load: () => import('./verbs/server.ts'),
  },
  { name: 'identity', summary: 'identities: add, list, set, remove', load: () => import('./verbs/identity.ts') },
  { name: 'collect', summary: 'fetch new mail', load: () => import('./verbs/collect.ts') },
  { name: 'look', summary: 'what waits on a server: list, collect, delete', load: () => import('./verbs/look.ts') },
  { name: 'fetch', summary: 'get the whole of a large message', load: () => import('./verbs/fetch.ts') },
  { name: 'send', summary: 'send a message file', load: () => import('./verbs/send.ts') },
  {
    name: 'sendmail',
    summary: 'send what is on standard input, as sendmail does',
    load: () => import('./verbs/sendmail.ts'),
  },
  {
    name: 'outbox',
    summary: 'what waits: list, flush, retry, cancel, resolve, log',
    load: () => import('./verbs/outbox.ts'),
  },
  { name: 'network', summary: 'networks seen: list, name, forget', load: () => import('./verbs/network.ts') },
  { name: 'route', summary: 'explain which servers a message would go by', load: () => import('./verbs/route.ts') },
  {
    name: 'probe',
    summary: 'find out what an outgoing server offers from here',
    load: () => import('./verbs/probe.ts'),
  },
  { name: 'rules', summary: 'rules for mail that arrives: list, run', load: () => import('./verbs/rules.ts') },
  {
    name: 'quarantine',
    summary: 'what the virus scanner holds back: list, release, delete, check; try the scanner',
    load: () => import('./verbs/quarantine.ts'),
  },
  { name: 'folders', summary: 'list the folders', load: () => import('./verbs/folders.ts') },
  { name: 'list', summary: 'list the messages of a folder', load: () => import('./verbs/list.ts') },
  { name: 'show', summary: 'show a message', load: () => import('./verbs/show.ts') },
  { name: 'search', summary: 'find messages by words', load: () => import('./verbs/search.ts') },
  { name: 'import', summary: 'take in mail files, mboxes, Maildirs, zips', load: () => import('./verbs/import.ts') },
  { name: 'export', summary: 'write mail out as mbox, eml, Maildir or zip', load: () => import('./verbs/export.ts') },
  {
    name: 'contacts',
    summary: 'the address book: list, export, import, remove',
    load: () => import('./verbs/contacts.ts'),
  },
  {
    name: 'backup',
    summary: 'back up everything: create, verify, show, restore',
    load: () => import('./verbs/backup.ts'),
  },
  { name: 'index', summary: 'the search index: rebuild, check', load: () => import('./verbs/index-verb.ts') },
  { name: 'doctor', summary: 'look for what could be wrong', load: () => import('./verbs/doctor.ts') },
];

/** The verb of this name; undefined when there is none. */
export async function loadVerb(name: string): Promise<Verb | undefined> {
  const entry = entries.find((candidate) => candidate.name === name);
  return entry === undefined ? undefined : (await entry.load()).verb;
}

export const generalHelp = `postrider [--profile DIR] [--json] VERB …

${entries.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n')}

  --profile DIR  keep everything under DIR (also: the environment variable POSTRIDER_PROFILE)
  --json         print results as JSON, errors as {"error": {"code", "message"}}
  --help         this, or with a verb: what it takes
  --version      the version of Postrider

While Postrider is open on the same profile, the command hands its request to it.
It ends with 0 when all went well, 64 for a wrong command line, 65 for bad data or when
something was refused for good, 69 when no server would take a message now, 75 when it is
worth trying again, 77 when a sign-in failed, 78 when the settings cannot be used.`;
