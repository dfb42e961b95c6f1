import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MailError } from '#shared/mail-error.ts';
import { addressAmong } from '../host-node/address-among.ts';
import { askToRaise } from '../host-node/control-socket.ts';
import { hearEndSignals } from '../host-node/end-signals.ts';
import { findProfile, type Profile } from '../host-node/profile.ts';
import { workingFolder } from '../host-node/profile-place.ts';
import { type BrowserHost, startBrowserHost } from './browser-host.ts';
import { type Browser, findBrowser, hasDisplay } from './find-browser.ts';

interface Arguments {
  readonly profile?: string;
  readonly port?: number;
  readonly hasWindow: boolean;
  readonly address?: string;
}

function readArguments(args: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      profile: { type: 'string' },
      port: { type: 'string' },
      'no-window': { type: 'boolean', default: false },
    },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && (!Number.isInteger(port) || port < 1024 || port > 65_535)) {
    throw new MailError('EINVALID', 'A port is a number from 1024 to 65535.');
  }
  return {
    profile: values.profile,
    port,
    hasWindow: !values['no-window'],
    address: addressAmong(positionals, workingFolder()),
  };
}

async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  const profile = await findProfile(given.profile);
  const browser = given.hasWindow && hasDisplay() ? findBrowser() : null;
  const host = await startOrRaise(profile, browser, given);
  if (host === null) return;
  const signalled = new Promise<void>((settle) => {
    hearEndSignals({ onFirst: settle, onAgain: () => process.exit(1) });
  });
  announce(host, browser, given);
  await Promise.race([host.ended, signalled]);
  await host.close();
}

/** A command of the terminal has the profile for a moment; another start may not listen yet. */
const patienceMs = 30_000;
const lookAgainMs = 250;

/** Null: the app was running already and has come to the front. */
async function startOrRaise(profile: Profile, browser: Browser | null, given: Arguments): Promise<BrowserHost | null> {
  const { port, address } = given;
  const endsWithLastWindow = given.hasWindow && browser !== null;
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await startBrowserHost({ profile, browser, port, address, endsWithLastWindow });
    } catch (error) {
      if (!(error instanceof MailError && error.code === 'ELOCKED')) throw error;
      if (await askToRaise(profile.profileDir, address)) {
        console.log('Postrider is running already; its window was brought forward.');
        return null;
      }
      if (performance.now() > giveUpAt) throw error;
    }
    await wait(lookAgainMs);
  }
}

function announce(host: BrowserHost, browser: Browser | null, given: Arguments): void {
  if (!given.hasWindow) {
    // One line for whatever drives the app without a window.
    console.log(JSON.stringify({ ready: true, launchPage: host.launchPage, url: host.url }));
    return;
  }
  if (!hasDisplay()) console.log('There is no screen here, so no window was opened.');
  else if (browser === null) console.log('No Chromium, Chrome or Edge was found, so no window was opened.');
  console.log(`To open it by hand, open this file in a browser on this computer: ${host.launchPage}`);
}

/** The browser host as a process of its own, until the app is closed. Tells what goes wrong. */
export async function runHost(): Promise<void> {
  try {
    await main();
  } catch (error) {
    const isExpected = error instanceof MailError || (error instanceof TypeError && 'code' in error);
    console.error(isExpected ? error.message : error);
    process.exitCode = 1;
  }
}
