import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log } from '../core/ports.ts';
import { writePrivateFile } from '../host-node/private-file.ts';
import { answersOnIpv6, hostOf, type Origin } from './origin.ts';
import { launchTokenLifeMs, type Sessions } from './sessions.ts';

/** The file that lets its owner in. */
export interface LaunchPage {
  /** A 0600 file; a token in a browser's arguments would show to every user in the list of processes. */
  readonly path: string;
  /** Puts a fresh token in at once. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Keeps a launch page whose token is always fresh, so that the file can be opened by hand at any time, while a token
 * somebody saw is worth nothing after 30 seconds.
 */
export async function openLaunchPage(options: {
  folder: string;
  origin: Origin;
  sessions: Sessions;
  clock: Clock;
  log: Log;
}): Promise<LaunchPage> {
  const { folder, origin, sessions, clock, log } = options;
  const path = join(folder, 'launch.html');
  let stopTimer = (): void => undefined;
  let isClosed = false;
  let lastWrite: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    if (isClosed) return;
    const isTaken = await answersOnIpv6(origin.port);
    if (isTaken)
      log.warn('Another program answers on the same port of ::1; the launch page is withheld.', { ...origin });
    await writePrivateFile(path, isTaken ? withheldPage : pageFor(origin, sessions.issueLaunchToken()));
  }

  function renew(): Promise<void> {
    lastWrite = lastWrite.then(write).catch((error: unknown) => {
      log.error('The launch page could not be written.', error);
    });
    return lastWrite;
  }

  function renewLater(): void {
    stopTimer = clock.after(launchTokenLifeMs * (2 / 3), () => {
      void renew().then(() => {
        if (!isClosed) renewLater();
      });
    });
  }

  await write();
  renewLater();
  return {
    path,
    renew,
    async close() {
      isClosed = true;
      stopTimer();
      await lastWrite;
      await rm(path, { force: true });
    },
  };
}

function pageFor(origin: Origin, token: string): string {
  const address = `http://${hostOf(origin)}/#${token}`;
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<title>Postrider</title>
<script>location.replace(${JSON.stringify(address)})</script>
`;
}

const withheldPage = `<!doctype html>
<meta charset="utf-8">
<title>Postrider</title>
<p>Another program on this computer answers in Postrider’s place. Close Postrider and start it again.</p>
`;
