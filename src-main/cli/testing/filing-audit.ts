import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isBeginning } from '#shared/mail/beginning.ts';
import { isBeginningOf } from '../../core/incoming/message-identity.ts';
import { sha256 } from '../../core/incoming/testing/maildrops.ts';
import { type FilingMessage, type FilingScenario, numberIn, placesOf } from './filing-scenarios.ts';
import { namesInIndex, noWrongs, type Wrongs, wrongNames } from './kill-audit.ts';

/** What is wrong with mail that is filed by way of a beginning, of Quarantine, or of rules. */
export interface FilingWrongs extends Wrongs {
  /** Beginnings beside their whole messages, or more than one of a message. While a process is dead there may be one. */
  besideWhole: number;
  /** What the scanner rejects, anywhere but in Quarantine. */
  letThrough: number;
  /** In a folder it has nothing to do in; or, once nothing is under way any more, not where it belongs. */
  misplaced: number;
}

export const noFilingWrongs = (): FilingWrongs => ({ ...noWrongs(), besideWhole: 0, letThrough: 0, misplaced: 0 });

export const filingWrongNames = [...wrongNames, 'besideWhole', 'letThrough', 'misplaced'] as const;

export function sumOfFiling(wrongs: FilingWrongs): number {
  return filingWrongNames.reduce((sum, name) => sum + wrongs[name], 0);
}

interface FileHere {
  readonly folder: string;
  readonly path: string;
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface FilingLook {
  readonly scenario: FilingScenario;
  /** Everything that was ever delivered, by its number. */
  readonly sent: ReadonlyMap<number, FilingMessage>;
  /** The digests of what lies on the server now. */
  readonly lying: readonly string[];
  /** The program ended by itself with nothing left to do. */
  readonly isAtRest: boolean;
  /** Is told of what lies where it should not. */
  readonly onWrong?: (words: string) => void;
}

/** The keys of the beginnings that lie in a profile. */
export async function beginningsIn(profileDir: string): Promise<string[]> {
  return (await filesIn(profileDir)).map(({ key }) => key).filter(isBeginning);
}

/** Counts what is wrong with a profile as it lies there. */
export async function lookAtFiling(profileDir: string, look: FilingLook): Promise<FilingWrongs> {
  const wrongs = noFilingWrongs();
  const files = await filesIn(profileDir);
  const there = new Set(look.lying);
  const byNumber = Map.groupBy(files, ({ bytes }) => numberIn(bytes));
  for (const number of byNumber.keys()) if (!look.sent.has(number)) wrongs.damaged += 1;
  for (const message of look.sent.values())
    judge(wrongs, message, byNumber.get(message.number) ?? [], there.has(message.digest), look);
  wrongs.shownInPart = await countShownInPart(profileDir, files, look.isAtRest);
  return wrongs;
}

/** A process that died between a change of a name and the index is caught up with at the next start, before anything is listed. */
async function countShownInPart(profileDir: string, files: readonly FileHere[], isAtRest: boolean): Promise<number> {
  const paths = new Set(files.map(({ path }) => path));
  const keys = new Set(files.map(({ key }) => key));
  return (await namesInIndex(profileDir)).filter((path) => {
    const key = keyOf(basename(path));
    return isAtRest ? !paths.has(path) : !isBeginning(key) && !keys.has(key);
  }).length;
}

function judge(
  wrongs: FilingWrongs,
  message: FilingMessage,
  files: readonly FileHere[],
  isOnServer: boolean,
  { scenario, isAtRest, onWrong }: FilingLook,
): void {
  const before = sumOfFiling(wrongs);
  const beginnings = files.filter(({ key }) => isBeginning(key));
  const wholes = files.filter(({ key }) => !isBeginning(key));
  wrongs.damaged += wholes.filter(({ bytes }) => sha256(bytes) !== message.digest).length;
  wrongs.damaged += beginnings.filter(({ bytes }) => !isBeginningOf(bytes, message.bytes)).length;
  const copies = wholes.filter(({ folder }) => folder === message.copy);
  const own = wholes.filter(({ folder }) => folder !== message.copy);
  if (own.length === 0 && !isOnServer) wrongs.lost += 1;
  wrongs.doubled += Math.max(0, own.length - 1) + Math.max(0, copies.length - 1);
  if (scenario.isScanned && message.isInfected)
    wrongs.letThrough += wholes.filter(({ folder }) => folder !== 'Quarantine').length;
  const allowed = placesOf(scenario, message);
  const isWrong = ({ folder }: FileHere): boolean => (isAtRest ? folder !== message.target : !allowed.includes(folder));
  wrongs.misplaced += own.filter(isWrong).length;
  const isCopyDue = message.copy !== null && own.length === 1 && !message.isLarge;
  if (isAtRest && isCopyDue && copies.length !== 1) wrongs.misplaced += 1;
  wrongs.besideWhole += Math.max(0, beginnings.length - 1);
  if (isAtRest && own.length > 0) wrongs.besideWhole += beginnings.length;
  if (sumOfFiling(wrongs) === before) return;
  const { number, target, copy, isLarge, isInfected } = message;
  const wanted = JSON.stringify({ number, target, copy, isLarge, isInfected, isOnServer });
  onWrong?.(`${wanted} lies as ${files.map(({ folder, key }) => `${folder}/${key}`).join(', ')}`);
}

async function filesIn(profileDir: string): Promise<FileHere[]> {
  const mail = join(profileDir, 'Mail');
  const found: FileHere[] = [];
  const directories = (await readdir(mail).catch(() => [])).filter((name) => /^\.[A-Z]/.test(name));
  for (const directory of ['', ...directories]) {
    for (const part of ['new', 'cur']) {
      const place = join(mail, directory, part);
      for (const name of await readdir(place).catch(() => [])) {
        const path = join(place, name);
        if (!(await stat(path)).isFile()) continue;
        const bytes = new Uint8Array(await readFile(path));
        found.push({ folder: directory.slice(1) || 'Inbox', path, key: keyOf(name), bytes });
      }
    }
  }
  return found;
}

function keyOf(fileName: string): string {
  return fileName.split(/[:;]/)[0] ?? fileName;
}
