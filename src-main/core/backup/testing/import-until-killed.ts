import { setTimeout as wait } from 'node:timers/promises';
import { ImportRequest } from '#shared/mail/mail-source.ts';
import { systemClock } from '../../../host-node/system-clock.ts';
import { createJobRunner } from '../../jobs/job-runner.ts';
import { openStore } from '../../store/open-store.ts';
import type { Store } from '../../store/store-api.ts';
import { workerUrl } from '../../store/testing/store-fixture.ts';
import { createBackup } from '../backup.ts';

/**
 * A process that imports what it is told to, and kills itself (-9) a moment after it has asked the store for something for
 * so many times; -1: never. Prints the job's last state and how many messages it looked up.
 */
const [profileDir = '', mailFolder = '', request = '', killAt = '', delayMs = ''] = process.argv.slice(2);
const log = { info() {}, warn() {}, error() {} };
const store = await openStore({ profileDir, mailFolder, workerUrl, log });

let asked = 0;
let lookedUp = 0;
function step(): void {
  if (asked++ !== Number(killAt)) return;
  if (Number(delayMs) === 0) process.kill(process.pid, 'SIGKILL');
  void wait(Number(delayMs)).then(() => process.kill(process.pid, 'SIGKILL'));
}
const watched: Store = {
  ...store,
  file(messages) {
    step();
    return store.file(messages).finally(step);
  },
  async newMessageKey(bytes) {
    // As the batch is closed, before it is written down.
    const key = await store.newMessageKey(bytes);
    step();
    return key;
  },
  findByContent(bytes) {
    lookedUp++;
    step();
    return store.findByContent(bytes);
  },
  setTags(...change) {
    step();
    return store.setTags(...change);
  },
};
const jobs = createJobRunner(systemClock, log);
const { handlers } = createBackup({ store: watched, jobs, log, clock: systemClock, profileDir });
const { jobId } = await handlers['import.start'](ImportRequest.parse(JSON.parse(request)));
const { state } = await jobs.finished(jobId);
console.log(JSON.stringify({ state, lookedUp, asked }));
await jobs.close();
await store.close();
