// Side-by-side benchmarks: `npm run bench -- [send] [collect] [--rounds N] [--count N] [--quick]`. Peers that are not
// installed are left out and named. Never part of the tests: a machine's speed is not a property of the code.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchCollect } from './collect.ts';
import { benchSend } from './send.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, count: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
const wanted = positionals.length === 0 ? ['send', 'collect'] : positionals;
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));

const peers = ['/usr/bin/mpop', '/usr/bin/msmtp', '/usr/sbin/smtp-sink', '/usr/sbin/smtp-source', '/usr/sbin/dovecot'];
for (const peer of peers) if (!existsSync(peer)) console.log(`${peer} is not installed: what needs it is left out.`);

if (wanted.includes('send')) {
  console.log(await benchSend({ rounds, count: Number(values.count ?? 1000), withMsmtp: !values.quick }));
}
if (wanted.includes('collect')) {
  console.log(await benchCollect({ rounds: Math.min(rounds, 3), count: Number(values.count ?? 10_000) }));
}
