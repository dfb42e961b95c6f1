import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import type { ImportReport, JobState } from '#shared/job.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import { seeded } from '../../cli/testing/seeded.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import { createJobRunner } from '../jobs/job-runner.ts';
import type { Store } from '../store/store-api.ts';
import { type Home, mail, makeHome } from '../store/testing/store-fixture.ts';
import { createBackup } from './backup.ts';
import { killImports, type MadeSource, makeMixedSource } from './testing/import-kills.ts';

const log = { info() {}, warn() {}, error() {} };
const here = FolderPath.parse('Archive');

let home: Home;

const at = (...parts: string[]): string => join(home.path, 'source', ...parts);
const request = (): ImportRequest => ({ path: at(), folder: here });

async function textsIn(store: Store): Promise<string[]> {
  const keys = await store.listKeys(here);
  return (await Promise.all(keys.map(async (key) => Buffer.from(await store.read(key)).toString()))).sort();
}

/** The whole number is for an evening (`POSTRIDER_IMPORT_KILLS=60`); a seeded sample stands in the suite. */
const wanted = Number(process.env.POSTRIDER_IMPORT_KILLS ?? 2);
const killsAProfile = 6;

test('an import killed (-9) again and again brings everything once, and its report is of all runs together', async () => {
  const random = seeded(wanted);
  for (let kills = 0; kills < wanted; ) {
    home = makeHome();
    const { texts, report, tagged } = await makeMixedSource(at(), wanted > killsAProfile ? 900 : 240);
    const most = Math.min(killsAProfile, wanted - kills);
    const ended = await killImports({ ...home, request: request() }, { kills: most, asks: 270, random });
    expect(ended.state.summary).toMatchObject({ ...report, folders: [{ folder: here, imported: texts.length }] });
    const store = await home.open();
    expect(await textsIn(store)).toEqual(texts.toSorted());
    expect(await store.tags()).toEqual([{ tag: 'urgent', messages: tagged }]);
    await store.close();
    expect(ended.kills).toBeGreaterThan(0);
    home.remove();
    kills += ended.kills;
  }
});

describe('an import that was broken off', () => {
  let store: Store;
  let made: MadeSource;

  beforeAll(async () => {
    home = makeHome();
    store = await home.open();
  });
  afterAll(async () => {
    await store.close();
    home.remove();
  });
  beforeEach(async () => {
    await rm(at(), { recursive: true, force: true });
    await rm(join(home.profileDir, 'unfinished-import.json'), { force: true });
    await store.destroy(await store.listKeys(here));
    made = await makeMixedSource(at(), 260);
    await run(request(), { stopAfter: 230 });
  });

  async function run(
    what: ImportRequest,
    { stopAfter = -1 } = {},
  ): Promise<{ state: JobState; lookedUp: number; report: ImportReport | null }> {
    const jobs = createJobRunner(systemClock, log);
    let lookedUp = 0;
    const watched: Store = {
      ...store,
      findByContent(bytes) {
        if (++lookedUp === stopAfter) for (const { jobId } of jobs.list()) jobs.cancel(jobId);
        return store.findByContent(bytes);
      },
    };
    const { handlers } = createBackup({ store: watched, jobs, log, clock: systemClock, profileDir: home.profileDir });
    const { jobId } = await handlers['import.start'](what);
    const { state } = await jobs.finished(jobId);
    await jobs.close();
    const report = state.kind === 'succeeded' && state.summary.kind === 'import' ? state.summary : null;
    return { state, lookedUp, report };
  }

  const expectWhole = async (): Promise<void> => expect(await textsIn(store)).toEqual(made.texts.toSorted());

  test('goes on where it was: what came in before is not even looked up', async () => {
    const { report, lookedUp } = await run(request());
    expect(report).toMatchObject({ ...made.report, resumedAfter: expect.any(Number) });
    // What was being filed and gathered at that moment: two batches at most.
    expect(lookedUp).toBeLessThanOrEqual(made.report.imported + made.report.duplicates - 230 + 200 + 20);
    await expectWhole();
  });

  test('whose source has changed is read anew, and nothing is left out', async () => {
    await writeFile(at('c/cur/0999.x.y:2,S'), mail('an older neighbour'));
    const { report, lookedUp } = await run(request());
    expect(report?.resumedAfter).toBeUndefined();
    expect(lookedUp).toBeGreaterThan(made.report.imported);
    const texts = await textsIn(store);
    expect(texts).toHaveLength(made.texts.length + 1);
    expect(made.texts.filter((text) => !texts.includes(text))).toEqual([]);
  });

  test('whose messages are gone from here is read anew', async () => {
    await store.destroy(await store.listKeys(here));
    const { report } = await run(request());
    expect(report).toMatchObject(made.report);
    expect(report?.resumedAfter).toBeUndefined();
    await expectWhole();
  });
});
