import { folder } from '#shared/mail/folder.ts';
import { seeded } from '../../../cli/testing/seeded.ts';
import { makeCertificates } from './certificates.ts';
import { type FaultMessage, type FaultProfile, type FaultRelay, numberOf, openFaultProfile } from './fault-profile.ts';
import { type Line, type ScriptedSmtp, startScriptedSmtp } from './scripted-smtp.ts';

/** What became of messages whose connection was lost once their last octets may have left. */
export interface DropsReport {
  readonly drops: number;
  /** Of the drops, those on a session that had sent a message before. */
  readonly onPooledSession: number;
  /** Messages sent in between, whose reply came as it should. */
  readonly undisturbed: number;
  /** Neither sent nor shown in the Outbox, or their file is gone. */
  readonly lost: number;
  /** Offered to any server a second time without anybody having asked for it. */
  readonly sentAgain: number;
  /** Shown as uncertain, for every recipient that was taken, and said so in the attempt. */
  readonly uncertain: number;
  /** The same after the app was closed and started again. */
  readonly uncertainAfterRestart: number;
  /** The same after `outbox flush --now`. */
  readonly uncertainAfterFlush: number;
  readonly byMoment: Readonly<Record<string, number>>;
}

interface CampaignOptions {
  readonly seed: number;
  readonly onProgress?: (done: number) => void;
}

/** The moments after the final dot at which a server goes away, by what it still says. */
const moments: Readonly<Record<string, Line>> = {
  'after the last octet': 'drop',
  'reset after the last octet': { torn: '', end: 'reset' },
  'half a refusal': 'half',
  'half a yes': { torn: '250 2.0.0 tak', end: 'drop' },
  'half a yes, reset': { torn: '250 2.0.0 tak', end: 'reset' },
  'the code alone': { torn: '250', end: 'drop' },
  'one octet': { torn: '2', end: 'drop' },
  'a yes without its line end': { torn: '250 2.0.0 taken', end: 'drop' },
  'the first line of several': { torn: '250-2.0.0 taken\r\n', end: 'drop' },
  'the first line of several, reset': { torn: '250-2.0.0 taken\r\n', end: 'reset' },
  'no reply at all': { torn: 'Hello there\r\n', end: 'drop' },
  'a line end': { torn: '\r\n', end: 'drop' },
  'the reply to DATA once more': { torn: '354 go on\r\n', end: 'drop' },
  'the reply never': 'silence',
  'half a yes, the rest never': { torn: '250 2.0.0 tak', end: 'silence' },
};
/** Waits for a time out: rare, or the campaign would do nothing else. */
const isSlow = (moment: string): boolean => moment.endsWith('never');
/** Before the dot came whole, but after it may have: the message is short and leaves in one piece. */
const midway = 'in the middle of the message';

const batch = 120;

/** Sends messages whose servers go away after the final dot, until so many have; then starts the app again and flushes. */
export async function dropAfterFinalDot(drops: number, { seed, onProgress }: CampaignOptions): Promise<DropsReport> {
  const random = seeded(seed);
  const profile = await openFaultProfile();
  const relays = await startRelays();
  try {
    const routes = Object.keys(relays.routes).filter((sender) => !sender.startsWith('midway'));
    for (const [sender, route] of Object.entries(relays.routes)) await profile.addRoute(sender, route);
    let done = 0;
    for (let number = 0; done < drops; ) {
      const messages: FaultMessage[] = [];
      for (; messages.length < batch && done < drops; number += 1) {
        const sender = random() < 0.1 ? 'midway@a.example' : (routes[Math.floor(random() * routes.length)] ?? '');
        const recipients = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, r) => `m${number}.r${r}@b.example`);
        messages.push({ number, sender, recipients });
        const isDropped = sender.startsWith('midway') || random() < 0.75;
        if (isDropped) done += 1;
        relays.plan.set(number, isDropped ? chooseMoment(sender, random) : null);
      }
      await profile.queue(messages);
      await profile.flushNow();
      onProgress?.(done);
    }
    return await audit(profile, relays);
  } finally {
    await profile.dispose();
    await relays.close();
  }
}

function chooseMoment(sender: string, random: () => number): string {
  if (sender.startsWith('midway')) return midway;
  const all = Object.keys(moments).filter((moment) => !isSlow(moment) || random() < 0.3);
  return all[Math.floor(random() * all.length)] ?? 'after the last octet';
}

interface Relays {
  /** What happens to a message by its number; null: nothing. */
  readonly plan: Map<number, string | null>;
  readonly routes: Readonly<Record<string, readonly FaultRelay[]>>;
  readonly all: readonly ScriptedSmtp[];
  /** How often each message was offered, at all servers together. */
  readonly offers: ReadonlyMap<number, number>;
  readonly pooled: { count: number };
  close(): Promise<void>;
}

/** For each kind of connection a relay that goes away, a second endpoint of it, and another relay that takes everything. */
async function startRelays(): Promise<Relays> {
  const { selfSigned } = await makeCertificates();
  const plan = new Map<number, string | null>();
  const offers = new Map<number, number>();
  const pooled = { count: 0 };
  const all: ScriptedSmtp[] = [];
  const start = async (security: 'none' | 'tls' | 'starttls', isMidway: boolean): Promise<number> => {
    const server = await startScriptedSmtp({
      offers: security === 'starttls' ? ['PIPELINING', 'STARTTLS'] : security === 'tls' ? [] : ['PIPELINING'],
      ...(security === 'none' ? {} : { secureContext: selfSigned.context }),
      implicitTls: security === 'tls',
      data({ to }) {
        const number = numberOf(to[0] ?? '');
        offers.set(number, (offers.get(number) ?? 0) + 1);
        return '354 go on';
      },
      ...(isMidway ? { duringData: { octets: 250, say: 'drop' } } : {}),
      finalDot({ to }) {
        const moment = plan.get(numberOf(to[0] ?? '')) ?? null;
        if (moment === null) return '250 2.0.0 taken';
        if (server.messages.length > server.connections) pooled.count += 1;
        return moments[moment] ?? 'drop';
      },
    });
    all.push(server);
    return server.port;
  };
  const route = async (label: string, security: 'none' | 'tls' | 'starttls', isMidway = false) => {
    const pin = security === 'none' ? {} : { pinnedCertificateSha256: selfSigned.sha256 };
    const at = async (own: boolean) => ({ port: await start(security, own), security, ...pin });
    return [
      { label, endpoints: [await at(isMidway), await at(isMidway)] },
      { label: `${label}, the other`, endpoints: [await at(false)] },
    ];
  };
  return {
    plan,
    offers,
    pooled,
    all,
    routes: {
      'clear@a.example': await route('Clear', 'none'),
      'tls@a.example': await route('TLS', 'tls'),
      'starttls@a.example': await route('STARTTLS', 'starttls'),
      'midway@a.example': await route('Midway', 'none', true),
    },
    close: async () => void (await Promise.all(all.map((server) => server.close()))),
  };
}

async function audit(profile: FaultProfile, relays: Relays): Promise<DropsReport> {
  const dropped = [...relays.plan].flatMap(([number, moment]) => (moment === null ? [] : [{ number, moment }]));
  const countUncertain = async (): Promise<number> => {
    const waiting = await profile.waiting();
    let uncertain = 0;
    for (const { number } of dropped) {
      const item = waiting.get(number);
      const isShown = item?.state === 'held' && item.heldFor === 'uncertain' && item.explanation.includes('may have');
      const isTold = item?.attempts.at(-1)?.outcome === 'uncertain' && item.attempts.length === 1;
      const isForAll = item !== undefined && item.accepted.length + item.refused.length + item.pending.length === 0;
      if (isShown && isTold && isForAll && item.uncertain.length > 0) uncertain += 1;
    }
    return uncertain;
  };
  const uncertain = await countUncertain();
  await profile.restart();
  const uncertainAfterRestart = await countUncertain();
  await profile.flushNow();
  const uncertainAfterFlush = await countUncertain();
  const inSent = await profile.count(folder.sent);
  const inOutbox = await profile.count(folder.outbox);
  const undisturbed = relays.plan.size - dropped.length;
  const byMoment: Record<string, number> = {};
  for (const { moment } of dropped) byMoment[moment] = (byMoment[moment] ?? 0) + 1;
  return {
    drops: dropped.length,
    onPooledSession: relays.pooled.count,
    undisturbed,
    lost: Math.max(0, relays.plan.size - inSent - inOutbox) + Math.max(0, dropped.length - inOutbox),
    sentAgain: [...relays.offers.values()].filter((count) => count > 1).length,
    uncertain,
    uncertainAfterRestart,
    uncertainAfterFlush,
    byMoment,
  };
}
