import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { systemCode } from '../stage-failure.ts';

/** Asking the name service; tests hand in their own. Rejects as `node:dns` does. */
export interface NameQuestions {
  /** By way of the system, as connections do. */
  lookup(name: string): Promise<unknown>;
  /** The name servers of the root: every name service that leads anywhere knows them, and nobody learns anything by it. */
  root(): Promise<unknown>;
  /** Straight from the name server. */
  addresses(name: string): Promise<unknown>;
}

/** How long a name service has to answer anything at all. */
const patienceMs = 4000;

/**
 * Whether the name service answers: a name known to exist can be found, or, when no such name is at hand, the service says
 * anything about `missing` or about the root. Tells “there is no such name” from “names cannot be looked up here”, which look
 * alike where a network leads nowhere. Never rejects.
 */
export async function isNameServiceAnswering(
  question: { known: readonly string[]; missing?: string; signal: AbortSignal },
  ask: NameQuestions = systemQuestions(),
): Promise<boolean> {
  const known = question.known.filter((name) => isIP(name) === 0);
  const answers: Promise<boolean>[] = known.slice(0, 3).map((name) =>
    ask.lookup(name).then(
      () => true,
      () => false,
    ),
  );
  // A router whose own line is dead may say “no such name” to everything: that counts only where nothing else can be asked.
  const counts = known.length === 0 ? [...living, 'ENOTFOUND'] : living;
  answers.push(ask.root().then(() => true, isOneOf(counts)));
  if (known.length === 0 && question.missing !== undefined) {
    answers.push(ask.addresses(question.missing).then(() => true, isOneOf(counts)));
  }
  return firstYes(answers, question.signal);
}

/** What only a name server that lives says; SERVFAIL is what one says whose own line is dead. */
const living = ['ENODATA', 'EREFUSED'];

function isOneOf(codes: readonly string[]): (error: unknown) => boolean {
  return (error) => codes.includes(systemCode(error));
}

async function firstYes(answers: readonly Promise<boolean>[], signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const no = (): void => resolve(false);
  const timer = setTimeout(no, patienceMs);
  signal.addEventListener('abort', no, { once: true });
  if (signal.aborted) no();
  for (const answer of answers) {
    answer.then((isYes) => {
      if (isYes) resolve(true);
    }, no);
  }
  Promise.all(answers).then(no, no);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', no);
  }
}

/** The name service of the system. */
function systemQuestions(): NameQuestions {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const ascii = (name: string): string => domainToASCII(name) || name;
  return {
    lookup: (name) => lookup(ascii(name)),
    root: () => resolver.resolveNs('.'),
    addresses: (name) => resolver.resolve4(ascii(name)),
  };
}
