import { noWords, parseVerb, wholeNumber } from '../arguments.ts';
import { checkAddress } from '../check-input.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { addressesIn, bareAddress } from '../sendmail-arguments.ts';
import { serverLabels } from '../server-labels.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider route explain --from ADDRESS [--to ADDRESS[,ADDRESS …]] [--size OCTETS]

Says which servers a message would be tried at from here and now, in which order and why, and which are left out.
Nothing is sent. Ends with 69 when there is none.`,
  async run(call) {
    const [action, ...args] = call.args;
    if (action !== 'explain') throw new UsageError('Say what to do: route explain.');
    const { values, positionals } = parseVerb(args, {
      from: { type: 'string' },
      to: { type: 'string', multiple: true },
      size: { type: 'string' },
    });
    noWords(positionals);
    if (values.from === undefined) throw new UsageError('Say whose mail: --from ADDRESS.');
    const from = bareAddress(values.from);
    const to = (values.to ?? []).flatMap(addressesIn);
    for (const address of [from, ...to]) checkAddress(address);
    const { api } = await call.app();
    const { attempts, skipped, location, cannot } = await api.call('route.explain', {
      from,
      to,
      sizeOctets: values.size === undefined ? 0 : wholeNumber(values.size, '--size'),
    });
    const { out } = call;
    if (out.isJson) {
      out.json({
        attempts: attempts.map(({ serverId, endpoint, why }) => ({ serverId, endpoint, why })),
        skipped: skipped.map(({ serverId, reason }) => ({ serverId, reason })),
        location,
        cannot,
      });
    } else {
      out.line(`On ${location.name}${location.isOnline ? '' : ' (offline)'}:`);
      if (cannot !== undefined) out.line(cannot);
      else if (attempts.length === 0) out.line('No server would be tried.');
      out.table(attempts.map((a, index) => [`  ${index + 1}`, a.serverLabel, a.endpoint, a.why]));
      const labelOf = await serverLabels(api);
      for (const { serverId, reason, detail } of skipped)
        out.line(`  left out ${labelOf(serverId)}: ${detail ?? reason}`);
    }
    return attempts.length === 0 ? exitCode.unavailable : exitCode.ok;
  },
};
