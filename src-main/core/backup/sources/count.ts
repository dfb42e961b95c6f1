import type { SourceCount } from '#shared/mail/mail-source.ts';
import { findInMbox } from '../find-in-mbox.ts';
import { unpacked } from '../gunzip.ts';
import { chunksOf } from '../read-octets.ts';
import { folderId } from './look.ts';
import { openSource } from './source.ts';
import type { MailFile } from './walk.ts';

/** Reading on longer than this would keep whoever asked waiting. */
const budgetMs = 1000;
/** Of one file; what follows is taken to be alike. */
const budgetOctets = 256 * 1024 * 1024;

/**
 * Counts the messages of folders that are mboxes, for about a second: the answer leaves out those there was no time for.
 * A large one is counted in part, and the rest taken to be alike.
 */
export async function countMessages(path: string, ids: readonly string[], signal: AbortSignal): Promise<SourceCount[]> {
  const source = await openSource(path);
  const wanted = new Set(ids);
  const counts = new Map<string, SourceCount>();
  const until = performance.now() + budgetMs;
  for await (const walked of source.files(signal)) {
    if (walked.kind === 'failed' || walked.file.kind !== 'mbox') continue;
    const id = folderId(walked.file);
    if (!wanted.has(id)) continue;
    if (counts.size > 0 && !counts.has(id) && performance.now() > until) break;
    const { messages, isExact } = await countIn(walked.file, until, signal);
    const before = counts.get(id);
    counts.set(id, {
      id,
      messages: (before?.messages ?? 0) + messages,
      isExact: isExact && before?.isExact !== false,
    });
  }
  return [...counts.values()];
}

async function countIn(
  file: Extract<MailFile, { octets: number }>,
  until: number,
  signal: AbortSignal,
): Promise<{ messages: number; isExact: boolean }> {
  let octets = 0;
  let messages = 0;
  const stored = chunksOf(file.path, signal, (read) => {
    octets += read;
  });
  const chunks = file.isPacked ? unpacked(stored) : stored;
  for await (const found of findInMbox(chunks, { name: file.path, place: [], isThunderbirds: file.isThunderbirds })) {
    if (found.kind === 'message') messages++;
    if (octets < file.octets && (octets > budgetOctets || performance.now() > until))
      return { messages: Math.round((messages * file.octets) / octets), isExact: false };
  }
  return { messages, isExact: true };
}
