import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type ScriptedSmtp, startScriptedSmtp } from '../../core/outgoing/testing/scripted-smtp.ts';
import { type Ended, makeCommand } from './command.ts';
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
import { messageNumbersIn } from './kill-phases.ts';
import { endAll } from './kill-runs.ts';

const recipients = ['m1.r0@b.example', 'm1.r1@b.example'];
const message =
  `From: a@a.example\r\nTo: ${recipients.join(', ')}\r\nSubject: number 1\r\nMessage-ID: <1@killed.example>\r\n` +
  'Date: Sun, 22 Nov 2026 03:00:00 +0000\r\n\r\nNumber 1.\r\n';

const Item = z.object({ outboxId: z.string(), state: z.string(), heldFor: z.string().optional() });
type Item = z.infer<typeof Item>;

/**
 * `send` and `sendmail` in turn while the disk fails at a change of a file. What was acknowledged goes out, once; what was
 * refused with an error is not sent behind the caller's back, who will try again; nothing is sent twice.
 */
export async function sendOnFailingDisk(campaign: DiskCampaign): Promise<DiskFaultReport> {
  const template = join(await mkdtemp(join(tmpdir(), 'postrider-template-')), 'profile');
  const maker = await makeCommand([], campaign.program);
  const relay = await startScriptedSmtp({ offers: ['PIPELINING'] });
  try {
    const endpoints = [{ host: '127.0.0.1', port: relay.port, security: 'none' }];
    const server = { label: 'A relay', kind: 'relay', auth: { method: 'none' }, endpoints };
    const added = await maker.run(['server', 'add', '--json'], {
      stdin: JSON.stringify(server),
      env: { ...campaign.env },
    });
    if (added.code !== 0) throw new Error(`${added.stdout}${added.stderr}`);
    await cp(maker.profileDir, template, { recursive: true });
    const oneAtATime = { ...campaign, lanes: 1 };
    return await runDiskCampaign(oneAtATime, template, (fault, place, report) => tryOne(fault, place, report, relay));
  } finally {
    await relay.close();
    await maker.remove();
  }
}

async function tryOne(
  fault: DiskFault,
  place: FaultPlace,
  report: DiskFaultReport,
  relay: ScriptedSmtp,
): Promise<void> {
  const { postrider } = place;
  const before = relay.accepted.length;
  const isSendmail = fault.at % 2 === 0;
  const path = join(postrider.profileDir, '..', 'message.eml');
  await writeFile(path, message);
  const args = isSendmail ? ['sendmail', '-t', '-oi', '--json'] : ['send', path, '--json'];
  try {
    const { ended, place: met } = await runFaulted(place, args, fault, isSendmail ? message : '');
    if (met === null) {
      report.unmet += 1;
      return;
    }
    const where = `${isSendmail ? 'sendmail' : 'send'}: ${met}`;
    report.faults += 1;
    report.places[`${fault.kind} ${where}`] = 1;
    if (ended === null) return note(report, 'hung', fault, where);
    if (ended.code === null) return note(report, 'crashed', fault, `${where} ${ended.stderr.slice(0, 300)}`);
    const isQueued = isSendmail ? ended.code === 0 : queuedItem(ended) !== null;
    if (!isQueued) {
      const words = judgeWords(ended, fault, met);
      if (words === null) report.told += 1;
      else note(report, 'unclear', fault, `${where}: ${words}`);
    } else report.harmless += 1;
    const taken = (): number => relay.accepted.length - before;
    if (!isSendmail && ended.code === 0 && taken() !== 1)
      note(report, 'lost', fault, `${where}: exit 0, taken ${taken()} times`);
    await judgeAfterwards(fault, where, place, report, { isQueued, taken, ended });
  } finally {
    await endAll(postrider.profileDir);
  }
}

function queuedItem({ stdout }: Ended): Item | null {
  try {
    return Item.safeParse(JSON.parse(stdout.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

/** The disk is in order again: what waits goes out. */
async function judgeAfterwards(
  fault: DiskFault,
  where: string,
  { postrider, campaign }: FaultPlace,
  report: DiskFaultReport,
  { isQueued, taken, ended }: { isQueued: boolean; taken: () => number; ended: Ended },
): Promise<void> {
  const env = { ...campaign.env };
  const flushed = await postrider.run(['outbox', 'flush', '--now', '--json'], { env });
  if (flushed.code !== 0 && flushed.code !== 75)
    note(
      report,
      'notCleanAfter',
      fault,
      `${where}: flush ended with ${flushed.code}: ${flushed.stdout}${flushed.stderr}`,
    );
  const listed = await postrider.run(['outbox', 'list', '--json'], { env });
  const waiting = listed.lines().map((line) => Item.parse(line));
  const isUncertain = waiting.some(({ heldFor }) => heldFor === 'uncertain');
  const said = `${ended.code} ${ended.stdout.toString('utf8').slice(0, 160)}`;
  if (taken() > 1) note(report, 'doubled', fault, `${where}: taken ${taken()} times`);
  if (isQueued && taken() === 0 && !isUncertain) note(report, 'lost', fault, `${where}: ${said}`);
  if (!isQueued && taken() > 0) note(report, 'doubled', fault, `${where}: refused, and sent afterwards: ${said}`);
  if (waiting.some(({ heldFor }) => heldFor !== 'uncertain'))
    note(report, 'notCleanAfter', fault, `${where}: still waiting: ${JSON.stringify(waiting)}`);
  const sent = (await messageNumbersIn(postrider.profileDir, '.Sent')).length;
  if (taken() > 0 && !isUncertain && sent !== 1)
    note(report, 'notCleanAfter', fault, `${where}: ${sent} copies in Sent`);
}
