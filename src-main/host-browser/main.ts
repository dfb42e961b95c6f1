import { keepCompiledCode } from '../host-node/compiled-code.ts';
import { profileDirGiven, workingFolder } from '../host-node/profile-place.ts';
import { widenThreadPool } from '../host-node/thread-pool.ts';

workingFolder();
widenThreadPool();
keepCompiledCode(profileDirGiven(process.argv.slice(2)));
// Only now: what is loaded before is compiled anew at each start.
const { runHost } = await import('./run-host.ts');

await runHost();
// A library's forgotten timer must not keep a closed app alive.
process.exit();
