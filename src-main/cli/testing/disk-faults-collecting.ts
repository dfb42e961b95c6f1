import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatedMail } from '../../core/incoming/testing/generated-mail.ts';
import { createMaildrop, sha256, type TestMaildrop } from '../../core/incoming/testing/maildrops.ts';
import { createPop3Server } from '../../core/practice/pop3-server.ts';
import { makeCommand } from './command.ts';
import {
  type DiskCampaign,
  type DiskFault,
  type DiskFaultReport,
  type FaultPlace,
  judgeWords,
  note,
  runDiskCampaign,
  runFaulted,
} from './disk-faults.ts';
import { createDurableOrder } from './durable-order.ts';
import { createAudit, sumOf } from './kill-audit.ts';
import { credentials } from './kill-box.ts';

/** Enough for five hundred changes; the large one makes the batch before it full. */
const messages = 72;
const largeOctets = 8_500_000;

function deliveries(): { uniqueId: string; bytes: Uint8Array }[] {
  const large = `Subject: large\r\n\r\n${`${'x'.repeat(98)}\r\n`.repeat(largeOctets / 100)}`;
  return generatedMail(messages).map((bytes, index) => {
    const own = index === 20 ? Buffer.from(large) : Buffer.from(bytes);
    const end = Buffer.from(`${own.at(-1) === 10 ? '' : '\r\n'}number ${index}\r\n`);
    return { uniqueId: `u${index}`, bytes: new Uint8Array(Buffer.concat([own, end])) };
  });
}

/**
 * Collects 72 messages with retention `delete` while the disk fails at a change of a file, from the opening of the
 * profile to its closing. No DELE may be sent for what is not safe; the error is clear; the next collection, on a disk in
 * order, brings everything, once.
 */
export async function collectOnFailingDisk(campaign: DiskCampaign): Promise<DiskFaultReport> {
  const wanted = deliveries();
  // One server for all: each run signs in as a user of its own.
  const template = await makeTemplate(campaign);
  return runDiskCampaign(campaign, template.folder, async (fault, place, report) => {
    const maildrop = createMaildrop(wanted);
    const server = await createPop3Server({
      maildrop,
      user: credentials.user,
      password: credentials.secret,
      port: 0,
    });
    try {
      await template.pointTo(place, server.port);
      await tryOne(fault, place, report, maildrop);
    } finally {
      await server.close();
    }
  });
}

async function makeTemplate({ program, env }: DiskCampaign) {
  const postrider = await makeCommand([], program);
  const account = {
    label: 'On a failing disk',
    host: '127.0.0.1',
    port: 1,
    security: 'none',
    ...credentials,
    auth: 'user-pass',
    retention: { kind: 'delete' },
  };
  const added = await postrider.run(['account', 'add', '--json'], {
    stdin: JSON.stringify(account),
    env: { ...env },
  });
  if (added.code !== 0) throw new Error(`${added.stdout}${added.stderr}`);
  const folder = join(await mkdtemp(join(tmpdir(), 'postrider-template-')), 'profile');
  await cp(postrider.profileDir, folder, { recursive: true });
  await postrider.remove();
  return {
    folder,
    async pointTo({ postrider: own }: FaultPlace, port: number): Promise<void> {
      const { readFile, writeFile } = await import('node:fs/promises');
      const path = join(own.profileDir, 'settings.json');
      const settings = await readFile(path, 'utf8');
      await writeFile(path, settings.replace(/"port": ?1\b/, `"port": ${port}`));
    },
  };
}

async function tryOne(
  fault: DiskFault,
  place: FaultPlace,
  report: DiskFaultReport,
  maildrop: TestMaildrop,
): Promise<void> {
  const { postrider, campaign } = place;
  const numbered = maildrop.lying.map(({ bytes }) => sha256(bytes));
  const sent = new Set(numbered);
  const audit = createAudit(postrider.profileDir);
  const order = createDurableOrder(join(postrider.profileDir, 'Mail'));
  const { ended, changes, place: where } = await runFaulted(place, ['collect', '--json'], fault);
  if (where === null) {
    report.unmet += 1;
    return;
  }
  report.faults += 1;
  report.places[`${fault.kind} ${where}`] = 1;
  if (ended === null) return note(report, 'hung', fault, where);
  if (ended.code === null) return note(report, 'crashed', fault, `${where} ${ended.stderr.slice(0, 300)}`);
  order.follow(changes, (number) => {
    if (!order.isSafe(numbered[number - 1]?.slice(0, 16) ?? '')) note(report, 'deletedTooSoon', fault, where);
  });
  for (const _ of order.namedTooSoon) note(report, 'damaged', fault, `named before it was synced: ${where}`);
  const lying = (): string[] => maildrop.lying.map(({ bytes }) => sha256(bytes));
  const wrongs = await audit.look(sent, lying());
  if (sumOf(wrongs) > 0) note(report, 'lost', fault, `${where}: ${JSON.stringify(wrongs)}`);
  if (ended.code === 0) {
    if (maildrop.lying.length > 0) note(report, 'unclear', fault, `${where}: exit 0, and mail was left on the server`);
    else report.harmless += 1;
  } else {
    const words = judgeWords(ended, fault, where);
    if (words === null) report.told += 1;
    else note(report, 'unclear', fault, `${where}: ${words}`);
  }
  await judgeAfterwards(fault, where, place, report, { maildrop, sent, audit });
  if (campaign.sample === undefined && fault.at % 25 !== 0) return;
  const check = await postrider.run(['index', 'check', '--json'], { env: { ...campaign.env } });
  if (check.code !== 0) note(report, 'notCleanAfter', fault, `${where}: index check: ${check.stdout}`);
}

/** The disk is in order again: the next collection brings the rest, and everything is there once. */
async function judgeAfterwards(
  fault: DiskFault,
  where: string,
  { postrider, campaign }: FaultPlace,
  report: DiskFaultReport,
  { maildrop, sent, audit }: { maildrop: TestMaildrop; sent: Set<string>; audit: ReturnType<typeof createAudit> },
): Promise<void> {
  const after = await postrider.run(['collect', '--json'], { env: { ...campaign.env } });
  const wrongs = await audit.look(sent, []);
  const isWhole = after.code === 0 && sumOf(wrongs) === 0 && maildrop.lying.length === 0;
  const isOnce = new Set(maildrop.removed).size === maildrop.removed.length;
  if (isWhole && isOnce) return;
  const words = `exit ${after.code} ${after.stdout.toString('utf8').slice(0, 300)} ${JSON.stringify(wrongs)}`;
  note(report, 'notCleanAfter', fault, `${where}: ${words}`);
}
