import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createBrowserDesktop } from './browser-desktop.ts';
import { createDevtoolsPipe } from './devtools-pipe.ts';
import { findBrowser, hasDisplay, type Machine } from './find-browser.ts';
import { browserArguments, browserFolder, openWindow } from './open-window.ts';

const machine = (platform: NodeJS.Platform, there: string[], env: NodeJS.ProcessEnv = {}): Machine => ({
  platform,
  env,
  homeDir: '/home/anna',
  isExecutable: (path) => there.includes(path),
});

test.each([
  ['linux', ['/usr/bin/chromium', '/usr/bin/google-chrome'], { PATH: '/usr/bin' }, '/usr/bin/chromium'],
  ['linux', ['/opt/bin/google-chrome'], { PATH: '/opt/bin' }, '/opt/bin/google-chrome'],
  ['linux', ['/usr/bin/chromium'], {}, '/usr/bin/chromium'],
  [
    'linux',
    ['/snap/bin/chromium', '/usr/bin/microsoft-edge'],
    { PATH: '/snap/bin:/usr/bin' },
    '/usr/bin/microsoft-edge',
  ],
  ['linux', ['/mine'], { POSTRIDER_BROWSER: '/mine', PATH: '/usr/bin' }, '/mine'],
  ['linux', [], { PATH: '/usr/bin' }, undefined],
  [
    'darwin',
    ['/Applications/Chromium.app/Contents/MacOS/Chromium'],
    {},
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  [
    'win32',
    ['C:\\P86\\Microsoft\\Edge\\Application\\msedge.exe'],
    { 'PROGRAMFILES(X86)': 'C:\\P86' },
    'C:\\P86\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
] as const)('finds a browser on %s among %s', (platform, there, env, path) => {
  expect(findBrowser(machine(platform, [...there], env))?.path).toBe(path);
});

test('knows whether there is a screen', () => {
  expect(hasDisplay(machine('linux', [], {}))).toBe(false);
  expect(hasDisplay(machine('linux', [], { WAYLAND_DISPLAY: 'wayland-0' }))).toBe(true);
  expect(hasDisplay(machine('darwin', [], {}))).toBe(true);
});

test('gives a snap a folder it may enter', () => {
  const snap = findBrowser(machine('linux', ['/snap/bin/chromium'], { PATH: '/snap/bin' }));
  expect(browserFolder('/home/anna/.local/share/postrider', snap)).toMatch(
    /\/snap\/chromium\/common\/postrider-\w{16}$/,
  );
  expect(browserFolder('/profile', null)).toBe('/profile');
});

test('never gives up the browser’s sandbox but as root, and shows no token in its arguments', () => {
  expect(browserArguments('/data', '/profile/launch.html', false)).not.toContain('--no-sandbox');
  expect(browserArguments('/data', '/profile/launch.html', true)).toContain('--no-sandbox');
  const [app] = browserArguments('/data', '/pro file/launch.html', false);
  expect(app).toBe('--app=file:///pro%20file/launch.html');
});

test('opens, is brought forward over its pipes, and tells when it is closed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-window-'));
  // A browser that answers the three DevTools calls, and notes what it was asked and started with.
  const path = join(folder, 'stand-in');
  await writeFile(
    path,
    `#!${process.execPath}
    const fs = require('node:fs');
    const note = (text) => fs.appendFileSync(${JSON.stringify(join(folder, 'notes'))}, text + '\\n');
    note(process.argv.slice(2).join(' '));
    const results = {
      'Target.getTargets': { targetInfos: [{ targetId: 'T1', type: 'page', url: 'http://x/' }] },
      'Browser.getWindowForTarget': { windowId: 7, bounds: { windowState: 'minimized' } },
    };
    const out = fs.createWriteStream(null, { fd: 4 });
    fs.createReadStream(null, { fd: 3 }).on('data', (data) => {
      for (const text of data.toString().split('\\0').filter(Boolean)) {
        const { id, method, params } = JSON.parse(text);
        note(method + ' ' + JSON.stringify(params));
        out.write(JSON.stringify({ id, result: results[method] ?? {} }) + '\\0');
      }
    });`,
  );
  await chmod(path, 0o755);
  const window = await openWindow({
    browser: { path, name: 'Stand-in', snapName: null },
    folder,
    launchPage: join(folder, 'launch.html'),
  });
  expect(await window.raise()).toBe(true);
  const notes = await readFile(join(folder, 'notes'), 'utf8');
  expect(notes).toContain(`--user-data-dir=${join(folder, 'browser')} `);
  expect(notes).toContain('Browser.setWindowBounds {"windowId":7,"bounds":{"windowState":"normal"}}');
  expect(notes).toContain('Target.activateTarget {"targetId":"T1"}');
  const exited = new Promise<void>((settle) => window.onExit(settle));
  window.close();
  await exited;
  expect(await window.raise()).toBe(false);
  await rm(folder, { recursive: true });
});

test('tells when the browser cannot be started', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-window-'));
  const window = await openWindow({
    browser: { path: join(folder, 'missing'), name: 'Nothing', snapName: null },
    folder,
    launchPage: join(folder, 'launch.html'),
  });
  await new Promise<void>((settle) => window.onExit(settle));
  await rm(folder, { recursive: true });
});

test('reads DevTools answers cut anywhere, and survives nonsense', async () => {
  const toBrowser = new PassThrough();
  const fromBrowser = new PassThrough();
  const pipe = createDevtoolsPipe(toBrowser, fromBrowser);
  const targets = pipe.targets();
  const [sent] = await once(toBrowser, 'data');
  expect(String(sent)).toBe('{"id":1,"method":"Target.getTargets","params":{}}\0');
  const answer = '{"method":"event"}\0nonsense\0{"id":1,"result":{"targetInfos":[]}}\0';
  for (const character of answer) fromBrowser.write(character);
  expect(await targets).toEqual([]);
  const refused = pipe.activate('T');
  fromBrowser.write('{"id":2,"error":{"message":"no"}}\0');
  await expect(refused).rejects.toThrow('refused');
});

test('asks the system for nothing where there is no screen, and never opens a program’s own address', async () => {
  const without = createBrowserDesktop({ platform: 'linux', hasDisplay: false });
  expect(without.capabilities).toEqual({
    host: 'browser',
    chooseFolder: false,
    chooseFile: false,
    openPath: false,
    openExternal: false,
    notify: false,
  });
  expect(without.openPath).toBeUndefined();
  const mac = createBrowserDesktop({ platform: 'darwin', hasDisplay: true });
  for (const url of ['file:///etc/passwd', 'javascript:alert(1)', 'ssh://host']) {
    await expect(mac.openExternal?.(url)).rejects.toMatchObject({ code: 'EINVALID' });
  }
});
