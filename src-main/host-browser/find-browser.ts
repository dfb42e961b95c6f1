import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A Chromium-family browser on this machine. */
export interface Browser {
  readonly path: string;
  readonly name: string;
  /** Packed as a snap: it may read and write below `~/snap/NAME/common` only. */
  readonly snapName: string | null;
}

/** What finding a browser depends on; tests hand in another machine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly homeDir: string;
  readonly isExecutable: (path: string) => boolean;
}

const thisMachine: Machine = {
  platform: process.platform,
  env: process.env,
  homeDir: homedir(),
  isExecutable(path) {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
};

/** The first Chromium, Chrome or Edge found; `POSTRIDER_BROWSER` names one outright. Null: there is none. */
export function findBrowser(machine: Machine = thisMachine): Browser | null {
  const named = machine.env.POSTRIDER_BROWSER;
  const path = (named ? [named] : candidates(machine)).find(machine.isExecutable);
  if (path === undefined) return null;
  const snapName = /^\/snap\/bin\/([\w-]+)$/.exec(path)?.[1] ?? null;
  return { path, name: nameOf(path), snapName };
}

function candidates(machine: Machine): string[] {
  if (machine.platform === 'darwin') return macCandidates(machine.homeDir);
  if (machine.platform === 'win32') return windowsCandidates(machine.env);
  const folders = (machine.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const names = [
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
    'microsoft-edge-stable',
    'microsoft-edge',
  ];
  // A snap comes last: it cannot read hidden folders and starts slowly.
  const all = names.flatMap((name) => [...folders, '/usr/bin'].map((folder) => join(folder, name)));
  return [...all.filter((path) => !path.startsWith('/snap/')), ...all.filter((path) => path.startsWith('/snap/'))];
}

function macCandidates(homeDir: string): string[] {
  const apps = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
  return apps.flatMap((app) =>
    ['/Applications', join(homeDir, 'Applications')].map((folder) => `${folder}/${app}.app/Contents/MacOS/${app}`),
  );
}

function windowsCandidates(env: NodeJS.ProcessEnv): string[] {
  const roots = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter((root) => root !== undefined);
  const programs = [
    'Google\\Chrome\\Application\\chrome.exe',
    'Microsoft\\Edge\\Application\\msedge.exe',
    'Chromium\\Application\\chrome.exe',
  ];
  return programs.flatMap((program) => roots.map((root) => `${root}\\${program}`));
}

function nameOf(path: string): string {
  if (/edge/i.test(path)) return 'Microsoft Edge';
  return /chrome/i.test(path) ? 'Google Chrome' : 'Chromium';
}

/** Whether a window can be shown at all. */
export function hasDisplay({ platform, env }: Pick<Machine, 'platform' | 'env'> = thisMachine): boolean {
  if (platform === 'darwin' || platform === 'win32') return true;
  return Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);
}
