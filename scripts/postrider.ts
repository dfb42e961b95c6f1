// The `postrider` command in a checkout: builds quietly when a source changed, then is the command.
import { join } from 'node:path';
import { buildIfStale } from './build.ts';
import { run } from './lib/run.ts';

const root = join(import.meta.dirname, '..');
// npm changes to the project's folder; paths on the command line are meant from where the person stood.
const cwd = process.env.INIT_CWD ?? process.cwd();

await buildIfStale({ isQuiet: true, only: 'main' });
const { code } = await run(process.execPath, [join(root, 'dist/cli/postrider.js'), ...process.argv.slice(2)], { cwd });
process.exitCode = code;
