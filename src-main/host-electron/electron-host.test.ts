import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askToRaise } from '../host-node/control-socket.ts';
import { openFileSecrets } from '../host-node/file-secrets.ts';
import { type ElectronHost, startElectronHost } from './electron-host.ts';
import * as electron from './testing/electron-double.ts';
import {
  FakeFrame,
  FakeNotification,
  FakeUtilityProcess,
  FakeWindow,
  fakeSession,
  world,
} from './testing/electron-double.ts';
import { type Given, given } from './testing/fake-node-core.ts';

vi.mock('electron', () => import('./testing/electron-double.ts'));

vi.mock('../host-node/node-core.ts', () => import('./testing/fake-node-core.ts'));

/** The page's screens are up as soon as it has come. */
vi.mock('../host-node/system-clock.ts', () => ({
  systemClock: {
    now: () => Date.now(),
    after(_delayMs: number, run: () => void) {
      queueMicrotask(run);
      return () => undefined;
    },
  },
}));

let profileDir: string;
let host: ElectronHost;
let core: Given;

async function start(mailto?: string): Promise<void> {
  host = await startElectronHost({ profileDir, mailFolder: join(profileDir, 'Mail') }, mailto);
  if (given.current === null) throw new Error('No core was made.');
  core = given.current;
}

function theWindow(): FakeWindow {
  const window = FakeWindow.all.at(-1);
  if (window === undefined) throw new Error('No window was opened.');
  return window;
}

/** The page loads, and says its first words. */
async function pageComes(window = theWindow()): Promise<void> {
  const { webContents } = window;
  electron.ipcMain.emit('postrider:frame', { sender: webContents, senderFrame: webContents.mainFrame }, 'hello');
  await Promise.resolve();
}

/** The menu's entry of this label, pressed. */
function press(label: string): void {
  const entries = world.menu.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
  const found = entries.find((entry) => entry.label === label);
  if (found?.click === undefined) throw new Error(`The menu has no “${label}”.`);
  Reflect.apply(found.click, undefined, []);
}

beforeEach(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'postrider-electron-'));
  FakeWindow.all.length = 0;
  FakeNotification.all.length = 0;
  FakeUtilityProcess.all.length = 0;
  world.openedOutside.length = 0;
  world.hasKeychain = true;
  world.backend = 'gnome_libsecret';
  world.sealMark = 'v11';
  world.loadProblem = null;
  world.workArea = { x: 0, y: 0, width: 1920, height: 1080 };
  world.saysReadyToShow = true;
});
afterEach(async () => {
  await host.close();
  await rm(profileDir, { recursive: true, force: true });
});

test('opens its page in a window that is locked up', async () => {
  await start();
  const { options, loaded, acts } = theWindow();
  expect(loaded).toBe('app://postrider/');
  expect(options.show).toBe(false);
  expect(acts).toEqual(['show']);
  expect(options.webPreferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    preload: '/preload.cjs',
  });
});

test('leads nowhere: links go outside when they are web or mail, everything else goes nowhere', async () => {
  await start();
  const { webContents } = theWindow();
  expect(webContents.openWindow('https://example.com/a')).toEqual({ action: 'deny' });
  expect(webContents.openWindow('file:///etc/passwd')).toEqual({ action: 'deny' });
  expect(webContents.openWindow('javascript:alert(1)')).toEqual({ action: 'deny' });
  expect(webContents.tryTo('will-navigate', { url: 'http://example.com/b' })).toBe(true);
  expect(webContents.tryTo('will-navigate', { url: 'smb://server/share' })).toBe(true);
  expect(webContents.tryTo('will-navigate', { url: 'app://postrider/' })).toBe(false);
  expect(webContents.tryTo('will-frame-navigate', { url: 'https://evil.example', isMainFrame: false })).toBe(true);
  expect(webContents.tryTo('will-attach-webview', {})).toBe(true);
  await vi.waitFor(() => expect(world.openedOutside).toEqual(['https://example.com/a', 'http://example.com/b']));
});

test('grants no permission, no device, and of the network only pictures by https', async () => {
  await start();
  const decide = (permission: string, requestingUrl: string): boolean | undefined => {
    let answer: boolean | undefined;
    fakeSession.permissionRequest?.(null, permission, (isGranted) => (answer = isGranted), { requestingUrl });
    return answer;
  };
  for (const permission of ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read', 'fileSystem']) {
    expect([permission, decide(permission, 'app://postrider/')]).toEqual([permission, false]);
    expect(fakeSession.permissionCheck?.(null, permission, 'app://postrider')).toBe(false);
  }
  expect(decide('clipboard-sanitized-write', 'app://postrider/')).toBe(true);
  expect(decide('clipboard-sanitized-write', 'https://evil.example/')).toBe(false);
  expect(fakeSession.device?.()).toBe(false);
  const isCancelled = (url: string, resourceType = 'xhr'): boolean | undefined => {
    let answer: boolean | undefined;
    fakeSession.request?.({ url, resourceType }, ({ cancel }) => (answer = cancel));
    return answer;
  };
  for (const url of [
    'https://tracker.example/p.gif',
    'http://127.0.0.1/',
    'ws://x/',
    'file:///etc/passwd',
    'nonsense',
  ]) {
    expect([url, isCancelled(url)]).toEqual([url, true]);
  }
  expect(isCancelled('http://tracker.example/p.gif', 'image')).toBe(true);
  expect(isCancelled('https://evil.example/', 'subFrame')).toBe(true);
  expect(isCancelled('https://pictures.example/p.png', 'image')).toBe(false);
  expect(isCancelled('app://postrider/index.html')).toBe(false);
  expect(isCancelled('data:image/png;base64,')).toBe(false);
});

test('takes frames from the top frame of its own page only', async () => {
  await start();
  const before = core.attached.length;
  const { webContents } = theWindow();
  const send = (senderFrame: unknown, sender: unknown = webContents): void => {
    electron.ipcMain.emit('postrider:frame', { sender, senderFrame }, { kind: 'hello', version: 1 });
  };
  send(null);
  send(new FakeFrame('app://postrider'));
  send(webContents.mainFrame, new electron.FakeContents());
  expect(core.attached).toHaveLength(before);
  webContents.mainFrame = new FakeFrame('https://evil.example');
  send(webContents.mainFrame);
  expect(core.attached).toHaveLength(before);
  webContents.mainFrame = new FakeFrame('app://postrider');
  send(webContents.mainFrame);
  expect(core.attached).toHaveLength(before + 1);
});

test('carries frames both ways, one transport a loaded page', async () => {
  await start();
  const before = core.attached.length;
  const { webContents } = theWindow();
  const send = (frame: unknown): void => {
    electron.ipcMain.emit('postrider:frame', { sender: webContents, senderFrame: webContents.mainFrame }, frame);
  };
  send('first');
  const first = core.attached[before];
  const received: unknown[] = [];
  const closed = vi.fn();
  first?.onMessage((frame) => received.push(frame));
  first?.onClose(closed);
  send('second');
  expect(received).toEqual(['second']);
  first?.send({ a: 1 });
  expect(webContents.sent).toEqual([{ channel: 'postrider:frame', frame: { a: 1 } }]);
  webContents.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false });
  webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true });
  expect(closed).not.toHaveBeenCalled();
  webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
  expect(closed).toHaveBeenCalledTimes(1);
  first?.send('late');
  expect(webContents.sent).toHaveLength(1);
  send('of the reloaded page');
  expect(core.attached).toHaveLength(before + 2);
});

test('comes to the front when a second start asks, and opens a new window when there is none', async () => {
  await start();
  await pageComes();
  const first = theWindow();
  first.isSmall = true;
  expect(await askToRaise(profileDir, 'mailto:anna@example.com')).toBe(true);
  expect(first.acts).toEqual(['show', 'restore', 'show', 'focus']);
  expect(core.raised).toEqual(['mailto:anna@example.com']);
  first.close();
  host.show();
  await vi.waitFor(() => expect(FakeWindow.all).toHaveLength(2));
});

test('keeps where the window was, and does not open it off every screen', async () => {
  await start();
  const path = join(profileDir, 'electron/window.json');
  await mkdir(join(profileDir, 'electron'), { recursive: true });
  theWindow().close();
  await vi.waitFor(async () =>
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      bounds: { x: 40, y: 50, width: 900, height: 600 },
      isMaximized: false,
    }),
  );
  host.show();
  await vi.waitFor(() => expect(FakeWindow.all).toHaveLength(2));
  expect(theWindow().options).toMatchObject({ x: 40, y: 50, width: 900, height: 600 });
  theWindow().close();
  await vi.waitFor(() => expect(theWindow().isGone).toBe(true));
  await writeFile(path, JSON.stringify({ bounds: { x: 5000, y: 50, width: 900, height: 600 }, isMaximized: false }));
  host.show();
  await vi.waitFor(() => expect(FakeWindow.all).toHaveLength(3));
  expect(theWindow().options).toMatchObject({ width: 1280, height: 860 });
});

test('is no larger than its screen, at the first start and after a large screen is gone', async () => {
  world.workArea = { x: 0, y: 25, width: 1366, height: 728 };
  await start();
  expect(theWindow().options).toMatchObject({ width: 1280, height: 728 });
  const path = join(profileDir, 'electron/window.json');
  await mkdir(join(profileDir, 'electron'), { recursive: true });
  theWindow().close();
  await vi.waitFor(async () => expect(await readFile(path, 'utf8')).toContain('900'));
  await writeFile(path, JSON.stringify({ bounds: { x: -40, y: 60, width: 2400, height: 1300 }, isMaximized: false }));
  host.show();
  await vi.waitFor(() => expect(FakeWindow.all).toHaveLength(2));
  expect(theWindow().options).toMatchObject(world.workArea);
});

test('shows its window once, also where the system never says that it is ready', async () => {
  await start();
  expect(theWindow().acts).toEqual(['show']);
  theWindow().close();
  world.saysReadyToShow = false;
  host.show();
  await vi.waitFor(() => expect(FakeWindow.all).toHaveLength(2));
  await vi.waitFor(() => expect(theWindow().acts).toEqual(['show']));
});

test('loads a page anew whose process died, and asks when it keeps dying', async () => {
  await start();
  const { webContents } = theWindow();
  const die = (reason: string) => webContents.emit('render-process-gone', {}, { reason });
  die('oom');
  die('clean-exit');
  expect(webContents.reloads).toBe(1);
  die('crashed');
  die('crashed');
  expect(webContents.reloads).toBe(3);
  world.questions.length = 0;
  world.buttonPressed = 0;
  die('crashed');
  expect(world.questions).toMatchObject([{ buttons: ['Try again', 'Quit Postrider'] }]);
  await vi.waitFor(() => expect(webContents.reloads).toBe(4));
});

test('shows its window even when the page cannot be loaded', async () => {
  world.loadProblem = new Error('ERR_FAILED');
  await start();
  world.loadProblem = null;
  expect(theWindow().acts).toEqual(['show']);
});

test('keeps passwords in the keychain, and still reads those of the browser host', async () => {
  await (await openFileSecrets(profileDir)).set('account:old', 'from the file');
  await start();
  expect(core.secrets.keptIn).toContain('keychain');
  await core.secrets.set('account:new', 'hunter2');
  expect(await core.secrets.get('account:new')).toBe('hunter2');
  expect(await core.secrets.get('account:old')).toBe('from the file');
  const text = await readFile(join(profileDir, 'secrets.json'), 'utf8');
  expect(text).not.toContain('hunter2');
  await writeFile(join(profileDir, 'secrets.json'), text.replace('account:new', 'account:moved'));
  const elsewhere = await openFileSecrets(profileDir);
  await expect(elsewhere.get('account:moved')).rejects.toMatchObject({ code: 'ENEEDS_PASSWORD' });
});

test.each([
  ['basic_text', true, 'v10'],
  ['unknown', true, 'v11'],
  // A desktop that has a password service, and nobody answers there.
  ['gnome_libsecret', true, 'v10'],
  ['gnome_libsecret', false, 'v11'],
] as const)('says so where there is no keychain to rely on (%s, %s, %s)', async (backend, hasKeychain, sealMark) => {
  Object.assign(world, { backend, hasKeychain, sealMark });
  await start();
  expect(core.secrets.keptIn).toContain('read your passwords');
  await core.secrets.set('account:1', 'hunter2');
  expect(await (await openFileSecrets(profileDir)).get('account:1')).toBe('hunter2');
});

test('reads what a keychain sealed also from a session that names none', async () => {
  await start();
  await core.secrets.set('account:1', 'hunter2');
  await host.close();
  world.backend = 'basic_text';
  await start();
  expect(await core.secrets.get('account:1')).toBe('hunter2');
});

test('shows files in their folder and never opens them; opens web and mail addresses only', async () => {
  await start();
  await writeFile(join(profileDir, 'report.exe'), 'x');
  await core.desktop.openPath?.(join(profileDir, 'report.exe'));
  expect(world.shownInFolder).toEqual([join(profileDir, 'report.exe')]);
  await core.desktop.openPath?.(profileDir);
  expect(world.openedPaths).toEqual([profileDir]);
  await expect(core.desktop.openPath?.(join(profileDir, 'gone'))).rejects.toMatchObject({ code: 'ENOTFOUND' });
  for (const url of ['file:///etc/passwd', 'javascript:alert(1)', 'ms-msdt:/id', 'nonsense', '']) {
    await expect(core.desktop.openExternal?.(url)).rejects.toMatchObject({ code: 'EINVALID' });
  }
  await core.desktop.openExternal?.('mailto:a@example.com');
  expect(world.openedOutside).toEqual(['mailto:a@example.com']);
});

test('asks in a box of the system’s own, where Enter and Escape say no', async () => {
  await start();
  const question = { text: 'Run this?', detail: '/bin/scan', yes: 'Run it' };
  world.buttonPressed = 1;
  expect(await core.desktop.confirm?.(question)).toBe(false);
  world.buttonPressed = 0;
  expect(await core.desktop.confirm?.(question)).toBe(true);
  expect(world.questions.at(-1)).toMatchObject({
    message: 'Run this?',
    detail: '/bin/scan',
    buttons: ['Run it', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  });
});

test('asks for folders and files, and notifies', async () => {
  await start();
  world.dialogAnswer = { canceled: false, filePaths: ['/chosen'] };
  expect(await core.desktop.chooseFolder?.('Export to', '/start')).toBe('/chosen');
  expect(world.dialogOptions.at(-1)).toEqual({
    title: 'Export to',
    defaultPath: '/start',
    properties: ['openDirectory', 'createDirectory'],
  });
  world.dialogAnswer = { canceled: true, filePaths: [] };
  expect(await core.desktop.chooseFile?.('Import')).toBeNull();
  await core.desktop.notify?.('2 new messages', 'Anna, Ben');
  expect(FakeNotification.all[0]).toMatchObject({ isShown: true, options: { title: '2 new messages' } });
  FakeNotification.all[0]?.emit('click');
  expect(theWindow().acts).toContain('focus');
});

test('has a menu with a key for writing, and without developer’s tools once packed', async () => {
  await start();
  const text = JSON.stringify(world.menu);
  expect(text).toContain('CmdOrCtrl+N');
  expect(text).not.toContain('toggleDevTools');
});

test('opens a message file from the menu, in a window of its own choosing', async () => {
  await start();
  await pageComes();
  world.dialogAnswer = { canceled: true, filePaths: [] };
  press('Open message file…');
  await vi.waitFor(() =>
    expect(world.dialogOptions.at(-1)).toMatchObject({ filters: [{ extensions: ['eml'] }, { extensions: ['*'] }] }),
  );
  world.dialogAnswer = { canceled: false, filePaths: [join(profileDir, 'letter 1.eml')] };
  press('Open message file…');
  await vi.waitFor(() => expect(core.raised).toEqual([pathToFileURL(join(profileDir, 'letter 1.eml')).href]));
});

test('asks of the page what the menu is asked, also of one that is only coming up', async () => {
  await start('mailto:anna@example.com');
  press('Reply');
  expect(core.asked).toEqual([]);
  await pageComes();
  expect([core.raised, core.asked]).toEqual([['mailto:anna@example.com'], ['reply']]);
  theWindow().close();
  press('Settings…');
  await vi.waitFor(() => expect(FakeWindow.all).toHaveLength(2));
  expect(core.asked).toEqual(['reply']);
  await pageComes();
  expect(core.asked).toEqual(['reply', 'go-settings']);
});

test('offers itself for mail links, and says when the system does not take it', async () => {
  await start();
  world.questions.length = 0;
  press('Use Postrider for mail links');
  electron.app.isDefault = false;
  press('Use Postrider for mail links');
  electron.app.isDefault = true;
  await vi.waitFor(() => expect(world.questions).toHaveLength(2));
  expect(world.questions).toMatchObject([
    { message: 'Postrider offers itself for mail links.' },
    { message: 'The system did not take Postrider for mail links.' },
  ]);
});

test('lets go of everything when it closes', async () => {
  await start();
  await host.close();
  expect(core.isClosed).toBe(true);
  expect(world.protocolHandlers.size).toBe(0);
  expect(electron.ipcMain.listenerCount('postrider:frame')).toBe(0);
  expect(electron.powerMonitor.listenerCount('resume')).toBe(0);
  expect(electron.app.listenerCount('child-process-gone')).toBe(0);
  expect(await askToRaise(profileDir)).toBe(false);
  await start();
});
