// Side-by-side benchmarks: `npm run bench -- [ROW ...] [--rounds N] [--count N] [--quick]`. Peers that are not installed
// are left out and named. Never part of the tests: a machine's speed is not a property of the code. The rows:
//   send         1,000 small messages to a sink, beside nodemailer's pool, smtp-source and msmtp
//   send-dead    the same with two dead servers ahead of the good one
//   plan         a route over 50 servers
//   outbox-open  a profile with 10,000 queued messages: until it is listed, until it sends
//   collect      10,000 messages from Dovecot, beside mpop
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchCollect } from './collect.ts';
import { benchOutboxOpen } from './outbox-open.ts';
import { benchPlan } from './plan.ts';
import { benchSend, benchSendDead } from './send.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, count: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
const wanted = positionals.length === 0 ? ['send', 'send-dead', 'plan', 'outbox-open', 'collect'] : positionals;
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));

const peers = ['/usr/bin/mpop', '/usr/bin/msmtp', '/usr/sbin/smtp-sink', '/usr/sbin/smtp-source', '/usr/sbin/dovecot'];
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
