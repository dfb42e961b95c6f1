import type { CheckedEndpoint, CheckReport } from '#shared/job.ts';
import { endpointName, Port, Security } from '#shared/mail/endpoint.ts';
import { onlyWord, parseVerb, wholeNumber } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { durationInWords, type Output } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider probe HOST [--port PORT …] [--security tls|starttls|none]

Connects to an outgoing server on the usual ports (465, 587, 2525, 25) or on those given, and says what it
offers from here, and what is wrong if something is. HOST may also be the id or the label of an outgoing
server: then its own ports are looked at, with its proxy, its name in EHLO and its trusted certificates, and
who answers is compared with who was seen there before. Nothing is sent and nobody signs in. Ends with 69
when no port works.`,
  async run(call) {
    const { values, positionals } = parseVerb(call.args, {
      port: { type: 'string', multiple: true },
      security: { type: 'string' },
    });
    const host = onlyWord(positionals, 'HOST');
    const security = values.security === undefined ? undefined : Security.safeParse(values.security).data;
    if (values.security !== undefined && security === undefined)
      throw new UsageError('--security is tls, starttls or none.');
    const ports = values.port?.map((port) => wholeNumber(port, '--port'));
    if (ports?.some((port) => !Port.safeParse(port).success)) throw new UsageError('A port is between 1 and 65535.');
    const { api } = await call.app();
    const report = await runJob(call, 'check', () => api.call('check.host', { host, ports, security }));
    if (call.out.isJson) {
      const { ok, verdictKind, verdict, endpoints, advice, serverId } = report;
      call.out.json({ ok, verdictKind, verdict, endpoints, advice, serverId });
    } else tell(call.out, report);
    return report.ok ? exitCode.ok : exitCode.unavailable;
  },
};

function tell(out: Output, { endpoints, verdict, advice }: CheckReport): void {
  for (const checked of endpoints) {
    out.line(headOf(checked));
    out.table(rowsOf(checked).map((row) => ['', ...row]));
    out.line();
  }
  out.line(verdict);
  // What the verdict said already is not said again.
  for (const { text } of advice) if (!verdict.includes(text)) out.line(text);
}

const howSecure = { tls: 'TLS', starttls: 'STARTTLS', none: 'no encryption' } as const;

/** `mail.example.com:465, TLS, 0.3 s` */
function headOf({ endpoint, steps }: CheckedEndpoint): string {
  const tookMs = steps.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return `${endpointName(endpoint)}, ${howSecure[endpoint.security]}, ${durationInWords(tookMs)}`;
}

function rowsOf(checked: CheckedEndpoint): string[][] {
  const { error, tls, certificate, capabilities, authMethods, steps } = checked;
  const greeting = steps.find(({ stage }) => stage === 'greeting')?.server;
  const rows = [['reached', error === undefined ? 'yes, it works' : `${reachedAs(checked)}: ${error.message}`]];
  if (error?.server !== undefined && error.replyCode !== undefined) rows.push(['it said', error.server]);
  if (greeting !== undefined) rows.push(['greeting', greeting]);
  if (tls !== undefined) rows.push(['encryption', `${tls.protocol}, ${tls.cipher}`]);
  if (certificate !== undefined) {
    const { subject, issuer, validTo, sha256 } = certificate;
    rows.push(['certificate', `${subject}, issued by ${issuer}, until ${dayOf(validTo)}`], ['', `SHA-256 ${sha256}`]);
  }
  if (capabilities !== undefined) {
    const offered = capabilities.filter((line) => ofInterest.has(line.split(' ', 1)[0] ?? ''));
    rows.push(['offers', offered.length === 0 ? 'nothing besides' : offered.join(', ')]);
    rows.push(['signing in', (authMethods ?? []).join(', ') || 'not offered']);
  }
  return rows;
}

/** What changes how mail is sent (AUTH has a line of its own). */
const ofInterest: ReadonlySet<string> = new Set([
  'SIZE',
  'PIPELINING',
  '8BITMIME',
  'SMTPUTF8',
  'DSN',
  'CHUNKING',
  'STARTTLS',
  'ETRN',
  'ATRN',
  'REQUIRETLS',
  'LIMITS',
]);

/** How far it came. */
function reachedAs({ steps }: CheckedEndpoint): string {
  const isConnected = steps.some(({ stage, outcome }) => stage === 'connect' && outcome === 'ok');
  return isConnected ? 'yes, but it does not work' : 'no';
}

/** `2027-01-31`, whatever way the certificate's own words are written. */
function dayOf(moment: string): string {
  const time = Date.parse(moment);
  return Number.isNaN(time) ? moment : new Date(time).toISOString().slice(0, 10);
}
