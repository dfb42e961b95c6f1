import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Whether a process can be killed at a system call of its choice here: strace is installed and may trace. */
export async function hasStrace(): Promise<boolean> {
  try {
    await promisify(execFile)('strace', ['-qq', '-e', 'trace=none', 'true']);
    return true;
  } catch {
    return false;
  }
}
