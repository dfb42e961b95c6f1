import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a program is on the PATH or where system programs lie, which an ordinary user's PATH leaves out. */
export function hasProgram(name: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, name)));
}
