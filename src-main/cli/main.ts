import { keepCompiledCode } from '../host-node/compiled-code.ts';
import { profileDirGiven } from '../host-node/profile-place.ts';
import { widenThreadPool } from '../host-node/thread-pool.ts';

widenThreadPool();
keepCompiledCode(profileDirGiven(process.argv.slice(2), process.env.POSTRIDER_PROFILE));
// Only now: what is loaded before is compiled anew at each start.
const { runProcess } = await import('./run-process.ts');

process.exitCode = await runProcess({
  argv: process.argv.slice(2),
  stdin: process.stdin,
  exit: (code) => process.exit(code),
});
// Standard input that nobody read would keep the process waiting.
process.stdin.unref?.();
