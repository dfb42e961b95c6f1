import { endpointName } from '#shared/mail/endpoint.ts';
import { type OutgoingServerView, ServerInput } from '#shared/mail/outgoing-server.ts';
import { noWords, parseVerb } from '../arguments.ts';
import { checkInput } from '../check-input.ts';
import { readJsonObject, readSecret, secretHelp, secretOptions } from '../read-input.ts';
import { serverId, settingsVerb } from './settings-verb.ts';

export const verb = settingsVerb({
  name: 'server',
  help: `postrider server add < server.json        prints the new outgoing server's id
postrider server list                     in the order in which they are tried
postrider server set ID < patch.json      the fields given replace those stored, null removes one
postrider server remove ID

${secretHelp}

server.json: {"label", "kind": "relay"|"direct-mx",
  "endpoints": [{"host", "port", "security": "tls"|"starttls"|"none", "pinnedCertificateSha256"?}],
  "auth": {"method": "auto"|"plain"|"login"|"cram-md5"|"xoauth2"|"none", "user"?, "secret"?},
  "senders"?: ["a@b.c", "@b.c", "*"], "networks"?: {"rule": "any"|"only"|"never", "locations": []},
  "sizeLimitOctets"?, "rate"?: {"perHour"?, "perDay"?}, "maxRecipients"?, "ehloName"?, "timeouts"?,
  "proxy"?, "dsn"?, "kick"?, "enabled"?}`,
  async add(call, args) {
    const { values, positionals } = parseVerb(args, secretOptions);
    noWords(positionals);
    const secret = await readSecret(call, values);
    const given = withSecret(await readJsonObject(call), secret);
    const server = checkInput(ServerInput, given, 'outgoing server');
    return (await call.app()).api.call('server.add', server);
  },
  async set(call, id, args) {
    const { values, positionals } = parseVerb(args, secretOptions);
    noWords(positionals);
    const secret = await readSecret(call, values);
    const patch = withSecret(await readJsonObject(call), secret);
    return (await call.app()).api.call('server.set', { id: serverId(id), patch });
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
