import { spawn } from 'node:child_process';

/** How a program ended. A program that could not be started counts as 127. */
export interface Ended {
  readonly code: number;
  readonly durationMs: number;
}

/** Runs a program with our terminal. Ctrl+C reaches it by the terminal itself, so we only wait; SIGTERM is passed on. */
export function run(
  command: string,
  args: readonly string[],
  options: {
    env?: NodeJS.ProcessEnv;
    timeoutMs?: number;
    cwd?: string;
    /** `stderr`: what it prints on standard output goes to standard error. `none`: nothing is shown. */
    output?: 'terminal' | 'stderr' | 'none';
  } = {},
): Promise<Ended> {
  const startedAt = performance.now();
  const shown = options.output ?? 'terminal';
  const out = shown === 'terminal' ? 'inherit' : shown === 'stderr' ? 2 : 'ignore';
  return new Promise((settle) => {
    const child = spawn(command, args, {
      stdio: ['inherit', out, shown === 'none' ? 'ignore' : 'inherit'],
      env: options.env ?? process.env,
      cwd: options.cwd,
      timeout: options.timeoutMs,
      // npm's programs are .cmd files on Windows.
      shell: process.platform === 'win32' && !command.endsWith('.exe'),
    });
    const pass = (): void => void child.kill('SIGTERM');
    const wait = (): void => undefined;
    process.on('SIGTERM', pass);
    process.on('SIGINT', wait);
    const end = (code: number): void => {
      process.off('SIGTERM', pass);
      process.off('SIGINT', wait);
      settle({ code, durationMs: performance.now() - startedAt });
    };
    child.once('error', () => end(127));
    child.once('close', (code) => end(code ?? 1));
  });
}
