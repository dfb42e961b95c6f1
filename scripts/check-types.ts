// Checks every room with the libraries that room may use: shared code with none, main with Node's, the renderer with the DOM's.
import { spawn } from 'node:child_process';

const rooms = ['src-shared', 'src-main', 'src-renderer', 'e2e'];
const results = await Promise.all(
  rooms.map(
    (room) =>
      new Promise<number>((resolve) => {
        const child = spawn('tsc', ['-p', room, '--pretty', 'false'], {
          stdio: 'inherit',
          shell: process.platform === 'win32',
        });
        child.on('close', (code) => resolve(code ?? 1));
      }),
  ),
);
process.exitCode = results.some((code) => code !== 0) ? 1 : 0;
if (process.exitCode === 0) console.log(`Types hold in ${rooms.join(', ')}.`);
