import { app } from 'electron';
import { widenThreadPool } from '../host-node/thread-pool.ts';
import { commandWords } from './command-words.ts';

widenThreadPool();

// Electron waits for this module before it comes up, so it must not wait for Electron. The name decides under which
// entry of the keychain the key is kept, for the app and the command alike.
app.setName('Postrider');

const words = commandWords(process.argv);
if (words === null) {
  const { startApp } = await import('./start-app.ts');
  await startApp();
} else {
  const { runPackagedCommand } = await import('./packaged-command.ts');
  await runPackagedCommand(words);
}
