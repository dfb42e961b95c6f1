import { basename } from 'node:path';
import { toDiskError } from '#shared/disk-error.ts';
import type { MessageKey } from '#shared/ids.ts';
import type { BackupReport } from '#shared/job.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import { type Manifest, type MessageLine, manifestName } from './manifest.ts';
import {
  closeChain,
  findBase,
  type OpenBackup,
  openBackup,
  readMessageBytes,
  readMessageLines,
  readPart,
} from './open-backup.ts';
import { surveyDamage } from './salvage/survey-damage.ts';
import { checkTrailer } from './trailer.ts';

type Context = Pick<JobContext, 'signal' | 'report'>;

/** So many problems of one file are named. */
const namedProblems = 50;

/**
 * Reads a backup, and the earlier ones it needs, to the last octet: the trailer of each whole file, then every entry
 * against the manifest, and that what an incremental one leaves out is in the one before. What does not hold is in
 * `problems`, in sentences. Throws only when the file cannot be read at all (ENOTFOUND, EPERMISSION, EIO).
 */
export async function verifyBackup(file: string, context: Context): Promise<BackupReport> {
  const checker = new Checker(context);
  const chain: OpenBackup[] = [];
  const digests: { file: string; sha256: string }[] = [];
  let isBroken = false;
  try {
    for (let next: string | null = file; next !== null; ) {
      const checked = await checker.trailer(next, next === file);
      const backup = checked === null ? null : await checker.tryTo(() => openBackup(next ?? file, checked));
      if (checked === null || backup === null) {
        isBroken = true;
        break;
      }
      chain.push(backup);
      digests.push({ file: next, sha256: checked });
      next = await checker.nextOf(chain);
    }
    // A file that does not hold says by itself only that; what of it is damaged is looked for entry by entry.
    if (isBroken) return await broken(file, checker, digests, chain[0]?.manifest);
    // The oldest first: what a newer one leaves out is looked for among what was found.
    let before: ReadonlyMap<MessageKey, string> | null = null;
    for (const backup of chain.toReversed()) before = await checker.contents(backup, before);
  } finally {
    await closeChain(chain);
  }
  const manifest = chain[0]?.manifest;
  return {
    kind: 'backup',
    action: 'verify',
    file,
    archiveKind: manifest?.kind ?? 'full',
    createdAt: manifest?.createdAt ?? '',
    messages: manifest?.messages ?? 0,
    others: manifest?.added ?? 0,
    octets: checker.octets,
    chain: digests,
    held: 0,
    tookSettings: false,
    verified: checker.problems.length === 0,
    problems: [...checker.problems, ...(manifest?.problems ?? []).map((text) => `When it was made: ${text}`)],
  };
}

async function broken(
  file: string,
  checker: Checker,
  chain: BackupReport['chain'],
  manifest: Manifest | undefined,
): Promise<BackupReport> {
  const left = await checker.tryTo(() => surveyDamage(file, checker.scanning()));
  const { list = [], total = 0, messages = 0 } = left?.damage ?? {};
  const intact = left?.intact ?? 0;
  const words = left === null ? [] : left.damage.inWords();
  if (left !== null && total === 0)
    words.push('Every message and everything that belongs to it is intact: only the zip around them is damaged.');
  return {
    kind: 'backup',
    action: 'verify',
    file,
    archiveKind: manifest?.kind ?? 'full',
    createdAt: manifest?.createdAt ?? left?.createdAt ?? '',
    messages: manifest?.messages ?? intact + messages,
    others: manifest?.added ?? 0,
    octets: checker.octets,
    chain,
    held: 0,
    tookSettings: false,
    verified: false,
    damaged: list,
    damagedTotal: total,
    damagedMessages: messages,
    intactMessages: intact,
    problems: [...checker.problems, ...words],
  };
}

class Checker {
  readonly problems: string[] = [];
  octets = 0;
  readonly #context: Context;
  #done = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The digest; null when the file does not hold, which is then among the problems. */
  async trailer(file: string, isAsked: boolean): Promise<string | null> {
    const { signal } = this.#context;
    try {
      return await checkTrailer(file, this.scanning());
    } catch (error) {
      signal.throwIfAborted();
      // Only the file that was asked for may be missing altogether.
      if (isAsked && !(error instanceof MailError)) throw toDiskError(error, `read ${file}`);
      this.#note(toDiskError(error, `read ${file}`));
      return null;
    }
  }

  scanning(): Pick<JobContext, 'signal'> & { onOctets: (octets: number) => void } {
    const { signal, report } = this.#context;
    const onOctets = (octets: number): void => {
      this.octets += octets;
      report({ phase: 'checking', done: this.octets, total: null, octets: this.octets });
    };
    return { signal, onOctets };
  }

  async tryTo<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      this.#context.signal.throwIfAborted();
      this.#note(error);
      return null;
    }
  }

  /** The next file of the chain; null at its end, or when it is missing. */
  async nextOf(chain: readonly OpenBackup[]): Promise<string | null> {
    const backup = chain.at(-1);
    if (backup === undefined || backup.manifest.base === null) return null;
    if (chain.some(({ sha256 }) => sha256 === backup.manifest.base?.sha256)) {
      this.#say(`${basename(backup.file)} needs itself.`);
      return null;
    }
    return this.tryTo(() => findBase(backup));
  }

  /** Everything within one file. `before`: the digests of the messages of the one it needs; null when that is unknown. */
  async contents(
    backup: OpenBackup,
    before: ReadonlyMap<MessageKey, string> | null,
  ): Promise<ReadonlyMap<MessageKey, string>> {
    const { manifest, zip } = backup;
    const name = basename(backup.file);
    const expected = new Set([manifestName]);
    const digests = new Map<MessageKey, string>();
    let added = 0;
    for (const folder of manifest.folders) if (folder.messages === 0) expected.add(`${folder.path}/`);
    for (const part of manifest.parts) {
      expected.add(part.name);
      if (part.holds !== 'messages') {
        await this.tryTo(() => readPart(backup, part));
        continue;
      }
      for (const line of (await this.tryTo(() => readMessageLines(backup, part))) ?? []) {
        if (digests.has(line.key)) this.#say(`${name}: a message is named twice (${line.key}).`);
        digests.set(line.key, line.sha256);
        if (line.path !== undefined) added += 1;
        await this.#message(backup, line, before, expected);
      }
    }
    for (const entry of zip.entries.keys())
      if (!expected.has(entry)) this.#say(`${name}: “${entry}” is not named in the manifest.`);
    for (const entry of expected) if (!zip.entries.has(entry)) this.#say(`${name}: “${entry}” is missing.`);
    if (digests.size !== manifest.messages || added !== manifest.added)
      this.#say(`${name}: it holds ${digests.size} messages, the manifest says ${manifest.messages}.`);
    return digests;
  }

  async #message(
    backup: OpenBackup,
    line: MessageLine,
    before: ReadonlyMap<MessageKey, string> | null,
    expected: Set<string>,
  ): Promise<void> {
    const { signal, report } = this.#context;
    signal.throwIfAborted();
    if (line.path === undefined) {
      const isThere = before === null ? backup.manifest.base !== null : before.get(line.key) === line.sha256;
      if (!isThere) this.#say(`${basename(backup.file)}: the bytes of a message are in no backup (${line.key}).`);
      return;
    }
    expected.add(line.path);
    await this.tryTo(() => readMessageBytes(backup, line));
    this.#done += 1;
    report({ phase: line.folder, done: this.#done, total: null, octets: this.octets });
  }

  #note(error: unknown): void {
    if (!(error instanceof MailError)) throw error;
    this.#say(error.message);
  }

  #say(problem: string): void {
    if (this.problems.length < namedProblems) this.problems.push(problem);
    else if (this.problems.length === namedProblems) this.problems.push('And more like these.');
  }
}
