import { toDiskError } from '#shared/disk-error.ts';
import { exitCode } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { runCommand } from './run-command.ts';

// Whoever reads us may stop reading (`postrider list | head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCode.ok);
  process.stderr.write(`${toDiskError(error, 'write the output').message}\n`);
  process.exit(exitCode.temporary);
});

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    // The second time: at once. What is on the disk is safe at any moment.
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  });
}

process.exitCode = await runCommand({
  argv: process.argv.slice(2),
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  signal: interrupt.signal,
  createOutput: (isJson) => createOutput(process, isJson),
});
// Standard input that nobody read would keep the process waiting.
process.stdin.unref?.();
