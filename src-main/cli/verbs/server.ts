import type { ServerId } from '#shared/ids.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import { type OutgoingServerView, ServerInput } from '#shared/mail/outgoing-server.ts';
import { MailError } from '#shared/mail-error.ts';
import { noWords, onlyWord, parseVerb } from '../arguments.ts';
import { checkInput, noteUnknown, noteUnknownWithin } from '../check-input.ts';
import { exitCode, exitCodeOf, UsageError } from '../exit-codes.ts';
import { readJsonObject, readSecret, secretHelp, secretOptions } from '../read-input.ts';
import { runJob } from '../run-job.ts';
import type { Call, Verb } from '../verb.ts';
import { serverId, settingsVerb } from './settings-verb.ts';

const settings = settingsVerb({
  name: 'server',
  help: `postrider server add < server.json        prints the new outgoing server's id
postrider server list                     in the order in which they are tried
postrider server set ID < patch.json      the fields given replace those stored, null removes one
postrider server remove ID
postrider server kick ID                  gives it the kick of its settings now, and says what came of it
postrider server accept-relay ID [--endpoint HOST:PORT]
                                          what answers in its place on this network may take mail from here;
                                          only for an endpoint without encryption, on this network only

${secretHelp}

server.json: {"label", "kind": "relay"|"direct-mx",
  "endpoints": [{"host", "port", "security": "tls"|"starttls"|"none", "pinnedCertificateSha256"?}],
  "auth": {"method": "auto"|"plain"|"login"|"cram-md5"|"xoauth2"|"none", "user"?, "secret"?},
  "senders"?: ["a@b.c", "@b.c", "*"], "networks"?: {"rule": "any"|"only"|"never", "locations": []},
  "sizeLimitOctets"?, "rate"?: {"perHour"?, "perDay"?}, "maxRecipients"?, "ehloName"?, "timeouts"?,
  "proxy"?, "dsn"?, "kick"?, "enabled"?}
kick: {"kind": "etrn", "host", "endpoint"?} | {"kind": "atrn", "domains": [], "endpoint"?} |
  {"kind": "wake-up-mail", "to"} | {"kind": "trigger-port", "host"?, "port"?, "line"?},
  each with "when"?: "on-connect"|"on-demand"`,
  async add(call, args) {
    const { values, positionals } = parseVerb(args, secretOptions);
    noWords(positionals);
    const secret = await readSecret(call, values);
    const given = withSecret(await readJsonObject(call), secret);
    const server = checkInput(ServerInput, given, 'outgoing server');
    noteUnknown(call.out, given, server, 'outgoing server');
    return (await call.app()).api.call('server.add', server);
  },
  async set(call, id, args) {
    const { values, positionals } = parseVerb(args, secretOptions);
    noWords(positionals);
    const secret = await readSecret(call, values);
    const patch = withSecret(await readJsonObject(call), secret);
    const view = await (await call.app()).api.call('server.set', { id: serverId(id), patch });
    noteUnknownWithin(call.out, patch, view, 'outgoing server');
    return view;
  },
  async list(call) {
    const items = await (await call.app()).api.call('server.list', {});
    return {
      items,
      rows: items.map(rowOf),
      none: 'There is no outgoing server yet. Add one with “postrider server add”.',
    };
  },
  async remove(call, id) {
    await (await call.app()).api.call('server.remove', { id: serverId(id) });
  },
});

export const verb: Verb = {
  help: settings.help,
  async run(call) {
    const [action, ...args] = call.args;
    if (action === 'kick') return kick(call, args);
    if (action === 'accept-relay') return acceptRelay(call, args);
    return settings.run(call);
  },
};

async function acceptRelay(call: Call, args: string[]): Promise<number> {
  const { values, positionals } = parseVerb(args, { endpoint: { type: 'string' } });
  const id = serverId(onlyWord(positionals, 'server accept-relay ID'));
  const { api } = await call.app();
  const endpoint = values.endpoint ?? (await onlyClearEndpoint(call, id));
  await api.call('server.acceptRelay', { serverId: id, endpoint });
  if (call.out.isJson) call.out.json({ id, endpoint });
  else call.out.line(`Accepted: what answers at ${endpoint} on this network may take mail from here.`);
  return exitCode.ok;
}

/** Where there is one that could be meant, it need not be named. */
async function onlyClearEndpoint(call: Call, id: ServerId): Promise<string> {
  const server = (await (await call.app()).api.call('server.list', {})).find((one) => one.id === id);
  if (server === undefined) throw new MailError('ENOTFOUND', `There is no outgoing server “${id}”.`);
  const clear = server.endpoints.filter(({ security }) => security === 'none').map(endpointName);
  const [only, ...more] = clear;
  if (only === undefined)
    throw new MailError(
      'EINVALID',
      `${server.label} has no endpoint without encryption. Nothing else can take the place of an encrypted one.`,
    );
  if (more.length > 0) throw new UsageError(`Say which with --endpoint: ${clear.join(', ')}.`);
  return only;
}

/** Ends with 0 when the kick was taken, else by what stood in its way. */
async function kick(call: Call, args: string[]): Promise<number> {
  const id = serverId(onlyWord(parseVerb(args, {}).positionals, 'server kick ID'));
  const { api } = await call.app();
  const { ok, text, received, error } = await runJob(call, 'kick', () => api.call('server.kick', { serverId: id }));
  if (call.out.isJson) call.out.json({ ok, text, received, ...(error === undefined ? {} : { error }) });
  else if (ok) call.out.line(text);
  else call.out.note(text);
  return error === undefined ? exitCode.ok : exitCodeOf(error.code);
}

function withSecret(given: Record<string, unknown>, secret: unknown): Record<string, unknown> {
  if (secret === undefined) return given;
  const auth = typeof given.auth === 'object' && given.auth !== null ? given.auth : {};
  return { ...given, auth: { ...auth, secret } };
}

function rowOf(server: OutgoingServerView): string[] {
  const endpoints = server.endpoints.map((endpoint) => `${endpointName(endpoint)} ${endpoint.security}`).join(', ');
  const needs = server.auth.user !== undefined && server.auth.method !== 'none' && !server.hasSecret;
  const state = !server.enabled ? 'disabled' : needs ? 'needs a password' : '';
  return [
    server.id,
    server.label,
    server.kind === 'direct-mx' ? 'direct MX' : endpoints,
    server.auth.user ?? '',
    state,
  ];
}
