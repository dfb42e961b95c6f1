import { toDiskError } from '#shared/disk-error.ts';
import { hearEndSignals } from '../host-node/end-signals.ts';
import { workingFolder } from '../host-node/profile-place.ts';
import { exitCode } from './exit-codes.ts';
import { type BegunAhead, nodeProgram } from './node-program.ts';
import { createOutput } from './output.ts';
import type { Program } from './program.ts';
import { runCommand } from './run-command.ts';
import type { Call } from './verb.ts';

/** Runs one command line as a process of its own: its streams, its signals, its exit code. `exit` ends the process at once. */
export async function runProcess(options: {
  argv: readonly string[];
  stdin: Call['stdin'];
  exit: (code: number) => void;
  /** Node's own ways unless given. */
  program?: Program;
  /** For Node's own ways. */
  ahead?: BegunAhead;
}): Promise<number> {
  const { exit } = options;
  // Whoever reads us may stop reading (`postrider list | head`): that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return exit(exitCode.ok);
    process.stderr.write(`${toDiskError(error, 'write the output').message}\n`);
    exit(exitCode.temporary);
  });
  const interrupt = new AbortController();
  // Who insists: at once. What is on the disk is safe at any moment.
  hearEndSignals({ onFirst: () => interrupt.abort(), onAgain: () => exit(exitCode.interrupted) });
  return runCommand({
    argv: options.argv,
    stdin: options.stdin,
    env: process.env,
    cwd: workingFolder(),
    signal: interrupt.signal,
    createOutput: (isJson) => createOutput(process, isJson),
    program: options.program ?? nodeProgram(options.ahead),
  });
}
