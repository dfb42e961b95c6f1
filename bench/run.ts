// Side-by-side benchmarks: `npm run bench -- [ROW ...] [--rounds N] [--count N] [--quick]`. Peers that are not installed
// are left out and named. Never part of the tests: a machine's speed is not a property of the code. The rows:
//   send         1,000 small messages to a sink, beside nodemailer's pool, smtp-source and msmtp
//   send-dead    the same with two dead servers ahead of the good one
//   plan         a route over 50 servers
//   outbox-open  a profile with 10,000 queued messages: until it is listed, until it sends
//   collect      10,000 messages from Dovecot, beside mpop
//   rtt          1,000 messages at 20 ms round trip, beside mpop, which pipelines
//   poll         10,000 known and nothing new, inside the running app, beside mpop; at 0 and 20 ms round trip
//   find-all     the same until every word can be found, beside mpop and mu index
//   rebuild      an index of 10,000 messages (0.8 GB) from nothing, beside mu and notmuch
//   large        a profile of 100,000 messages: indexed from nothing, opened, searched, beside mu and notmuch. Making
//                the peers' databases takes many minutes; --large DIR keeps all of it there for the next run
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { benchCollect } from './collect.ts';
import { benchLarge } from './large.ts';
import { benchOutboxOpen } from './outbox-open.ts';
import { benchPlan } from './plan.ts';
import { benchRebuild } from './rebuild.ts';
import { benchPoll, benchRoundTrips } from './round-trips.ts';
import { benchSend, benchSendDead } from './send.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    count: { type: 'string' },
    large: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const wanted = positionals.length === 0 ? ['send', 'send-dead', 'plan', 'outbox-open', 'collect'] : positionals;
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));

const peers = [
  '/usr/bin/mpop',
  '/usr/bin/mu',
  '/usr/bin/notmuch',
  '/usr/bin/msmtp',
  '/usr/sbin/smtp-sink',
  '/usr/sbin/smtp-source',
  '/usr/sbin/dovecot',
];
for (const peer of peers) if (!existsSync(peer)) console.log(`${peer} is not installed: what needs it is left out.`);

if (wanted.includes('send')) {
  console.log(await benchSend({ rounds, count: Number(values.count ?? 1000), withMsmtp: !values.quick }));
}
if (wanted.includes('send-dead')) console.log(await benchSendDead({ rounds, count: Number(values.count ?? 1000) }));
if (wanted.includes('plan')) console.log(benchPlan());
if (wanted.includes('outbox-open')) {
  console.log(await benchOutboxOpen({ rounds: Math.min(rounds, 3), count: Number(values.count ?? 10_000) }));
}
if (wanted.includes('collect')) {
  console.log(await benchCollect({ rounds: Math.min(rounds, 3), count: Number(values.count ?? 10_000) }));
}
if (wanted.includes('rtt')) console.log(await benchRoundTrips({ rounds, count: Number(values.count ?? 1000) }));
if (wanted.includes('poll')) console.log(await benchPoll({ rounds, count: Number(values.count ?? 10_000) }));
if (wanted.includes('find-all')) {
  const count = Number(values.count ?? 10_000);
  console.log(await benchCollect({ rounds: Math.min(rounds, 3), count, isUntilFound: true }));
}
if (wanted.includes('rebuild')) {
  console.log(await benchRebuild({ rounds: Math.min(rounds, 3), count: Number(values.count ?? 10_000) }));
}
if (wanted.includes('large')) {
  const kept = values.large === undefined ? {} : { kept: resolve(values.large) };
  console.log(await benchLarge({ rounds: Math.min(rounds, 5), count: Number(values.count ?? 100_000), ...kept }));
}
