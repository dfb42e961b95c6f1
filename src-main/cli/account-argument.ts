import { AccountId } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Api } from '#shared/rpc/client.ts';

/** The account a word of the command line means: its id, its label, or the user it signs in as. Throws ENOTFOUND, EINVALID. */
export async function findAccount(api: Pick<Api, 'call'>, word: string): Promise<AccountId> {
  const accounts = await api.call('account.list', {});
  if (accounts.some(({ id }) => id === word)) return AccountId.parse(word);
  const same = (name: string): boolean => name.toLowerCase() === word.toLowerCase();
  const labelled = accounts.filter(({ label }) => same(label));
  const found = labelled.length > 0 ? labelled : accounts.filter(({ user }) => same(user));
  const [first, second] = found;
  if (first === undefined)
    throw new MailError('ENOTFOUND', `There is no account “${word}”. “postrider account list” names them.`);
  if (second !== undefined)
    throw new MailError(
      'EINVALID',
      `More than one account is called “${word}”. Say which by its id: “postrider account list”.`,
    );
  return first.id;
}
