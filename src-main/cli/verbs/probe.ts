import type { CheckReport } from '#shared/job.ts';
import { type Endpoint, endpointName, Security } from '#shared/mail/endpoint.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import { onlyWord, parseVerb, wholeNumber } from '../arguments.ts';
import { checkInput } from '../check-input.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { durationInWords, type Output } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Verb } from '../verb.ts';

/** The ports mail is submitted on, best first (RFC 8314 §3.3 prefers TLS from the start). */
const usual: readonly Pick<Endpoint, 'port' | 'security'>[] = [
  { port: 465, security: 'tls' },
  { port: 587, security: 'starttls' },
  { port: 2525, security: 'starttls' },
  { port: 25, security: 'starttls' },
];

export const verb: Verb = {
  help: `postrider probe HOST [--port PORT …] [--security tls|starttls|none]

Connects to an outgoing server on the usual ports (465, 587, 2525, 25) or on those given, and says what it
offers from here. Nothing is sent and nobody signs in. Ends with 69 when no port works.`,
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
    const server = checkInput(
      ServerInput,
      { label: host, kind: 'relay', auth: { method: 'none' }, endpoints: endpointsOf(host, ports, security) },
      'server',
    );
    const { api } = await call.app();
    const report = await runJob(call, 'check', () => api.call('check.server', { server }));
    if (call.out.isJson) {
      const { ok, verdict, endpoints, advice } = report;
      call.out.json({ ok, verdict, endpoints, advice });
    } else tell(call.out, report);
    return report.endpoints.some(({ error }) => error === undefined) ? exitCode.ok : exitCode.unavailable;
  },
};

function endpointsOf(host: string, ports: number[] | undefined, security: Security | undefined): Endpoint[] {
  const chosen = ports?.map((port) => ({ port, security: usual.find((one) => one.port === port)?.security ?? 'none' }));
  return (chosen ?? usual).map((one) => ({ host, port: one.port, security: security ?? one.security }));
}

function tell(out: Output, { endpoints, verdict, advice }: CheckReport): void {
  for (const { endpoint, steps } of endpoints) {
    out.line(`${endpointName(endpoint)} ${endpoint.security}`);
    out.table(
      steps.map(({ stage, outcome, text, server, durationMs }) => [
        `  ${stage}`,
        outcome,
        durationInWords(durationMs),
        server === undefined ? text : `${text} (${server})`,
      ]),
    );
  }
  out.line(verdict);
  for (const { text } of advice) out.line(text);
}
