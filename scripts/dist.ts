// Packs the app for the system it runs on; what follows `npm run dist --` goes to electron-builder.
import { packerWords } from './lib/packer-words.ts';
import { run } from './lib/run.ts';

const { words, note } = packerWords(process.platform, process.env, process.argv.slice(2));
if (note !== undefined) console.warn(note);
const { code } = await run('electron-builder', words);
process.exitCode = code;
