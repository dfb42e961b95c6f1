import { endpointName } from '#shared/mail/endpoint.ts';
import { AccountInput, type IncomingAccountView } from '#shared/mail/incoming-account.ts';
import { noWords, parseVerb } from '../arguments.ts';
import { checkInput, noteUnknown, noteUnknownWithin } from '../check-input.ts';
import { readJsonObject, readSecret, secretHelp, secretOptions } from '../read-input.ts';
import { accountId, settingsVerb } from './settings-verb.ts';

export const verb = settingsVerb({
  name: 'account',
  help: `postrider account add < account.json      prints the new account's id
postrider account list
postrider account set ID < patch.json     the fields given replace those stored, null removes one
postrider account remove ID               the mail already here stays

${secretHelp}

account.json: {"label", "host", "port", "security": "tls"|"starttls"|"none", "user", "secret",
  "auth": "auto"|"user-pass"|"apop"|"plain"|"login"|"cram-md5"|"xoauth2",
  "retention": {"kind": "leave"|"delete"|"delete-when-removed"} or {"kind": "leave-days", "days"},
  "maxOctets"? (of larger messages only the beginning is taken; 0: never), "warnAboveOctets"? (0: never),
  "checkEveryMinutes"?, "folder"?, "multidrop"?, "pinnedCertificateSha256"?}`,
  async add(call, args) {
    const { values, positionals } = parseVerb(args, secretOptions);
    noWords(positionals);
    const secret = await readSecret(call, values);
    const given = await readJsonObject(call);
    const account = checkInput(AccountInput, secret === undefined ? given : { ...given, secret }, 'account');
    noteUnknown(call.out, given, account, 'account');
    return (await call.app()).api.call('account.add', account);
  },
  async set(call, id, args) {
    const { values, positionals } = parseVerb(args, secretOptions);
    noWords(positionals);
    const secret = await readSecret(call, values);
    const given = await readJsonObject(call);
    const patch = secret === undefined ? given : { ...given, secret };
    const view = await (await call.app()).api.call('account.set', { id: accountId(id), patch });
    noteUnknownWithin(call.out, given, view, 'account');
    return view;
  },
  async list(call) {
    const items = await (await call.app()).api.call('account.list', {});
    return { items, rows: items.map(rowOf), none: 'There is no account yet. Add one with “postrider account add”.' };
  },
  async remove(call, id) {
    await (await call.app()).api.call('account.remove', { id: accountId(id) });
  },
});

function rowOf(account: IncomingAccountView): string[] {
  const { id, label, security, user, hasSecret } = account;
  return [id, label, `${endpointName(account)} ${security}`, user, hasSecret ? '' : 'needs a password'];
}
