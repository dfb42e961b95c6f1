// The built app as Electron would start it, with the double in place of Electron: the program in `POSTRIDER_PACKED` (a
// folder as it lies in the asar; the sources unless given), its words those of this process. Everything but Electron itself is real: the modules,
// the worker, the children, standard input and output, the exit code.
import { fork } from 'node:child_process';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, FakeUtilityProcess, utilityProcess } from './electron-double.ts';

const packed = process.env.POSTRIDER_PACKED;
const main =
  packed === undefined ? join(import.meta.dirname, '../main.ts') : join(packed, 'dist/host-electron/main.js');
const isCommand = process.env.POSTRIDER_AS_APP === undefined;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'electron') return next(specifier, context);
    return { url: new URL('./electron-double.ts', import.meta.url).href, shortCircuit: true };
  },
});

app.on('fake-exit', (code: number) => process.exit(code));

utilityProcess.fork = (modulePath, _args, options) => {
  if (!app.isReady()) throw new Error('A utility process cannot be made before Electron is ready.');
  const child = new FakeUtilityProcess(modulePath, options);
  // Electron's are no Node processes; how a message is sent and heard is the same to both sides.
  const real = fork(modulePath, [], { serialization: 'advanced', execArgv: options.execArgv });
  child.pid = real.pid;
  real.on('message', (message) => child.emit('message', message));
  real.on('exit', (code) => child.emit('exit', code ?? 0));
  child.postMessage = (message) => void Reflect.apply(real.send, real, [message]);
  child.kill = () => real.kill('SIGKILL');
  return child;
};

const words = process.argv.slice(2);
process.argv = isCommand
  ? [process.execPath, '--ozone-platform=headless', '--disable-gpu', '--postrider-command', '--', ...words]
  : [process.execPath, ...words];
await import(pathToFileURL(main).href);
// Not before: whoever waits for it while the module is evaluated waits for ever, as in Electron.
app.becomeReady();
