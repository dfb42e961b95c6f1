import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropCompiledCode } from './compiled-code.ts';

/** In the profile; holds nothing. */
const spareFile = 'spare-room';

/** The databases of a profile need some 150 kB beside them to be opened at all, if only for reading. */
const spareOctets = 512 * 1024;
/** With less than this nobody's last room is taken for it. */
const plentyOctets = 64 * 1024 * 1024;

/**
 * Sets room aside, once, for the day the disk is full to the last byte: then the profile can be opened, the mail read, and
 * something removed. Whatever goes wrong with it is no matter.
 */
export function keepSpareRoom(profileDir: string): void {
  const path = join(profileDir, spareFile);
  try {
    if (existsSync(path)) return;
    const { bavail, bsize } = statfsSync(profileDir);
    // Not of zeros: some file systems keep no room for those.
    if (bavail * bsize > plentyOctets) writeFileSync(path, randomBytes(spareOctets), { mode: 0o600 });
  } catch {
    rmSync(path, { force: true });
  }
}

/** Gives back what was set aside, and what only makes the program start sooner. Answers whether there was any of it. */
export function giveSpareRoom(profileDir: string): boolean {
  const path = join(profileDir, spareFile);
  const isKept = existsSync(path);
  try {
    rmSync(path, { force: true });
  } catch {
    return dropCompiledCode(profileDir);
  }
  return dropCompiledCode(profileDir) || isKept;
}
