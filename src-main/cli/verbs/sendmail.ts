import { join } from 'node:path';
import { MailError } from '#shared/mail-error.ts';
import { findProfile } from '../../host-node/profile.ts';
import { dropFromSpool, takeUp, writeToSpool } from '../../host-node/spool.ts';
import { hasRecipient } from '../../host-node/spool-envelope.ts';
import { openApp } from '../connect.ts';
import { deliverLater } from '../deliver-later.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { readStdin } from '../read-input.ts';
import { checkAddresses, sendmailArguments, upToLoneDot } from '../sendmail-arguments.ts';
import type { Call, Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider sendmail [-t] [-f ADDRESS] [-F NAME] [-i | -oi] [--] [ADDRESS …] < message

Takes a message on standard input as sendmail does: for cron, git, mutt. Ends with 0 as soon as the message is safe in
the Outbox; delivery goes on by itself. Ends with 64 when nobody is named to send it to, 65 when it cannot be sent as it
is, 75 when it could not be queued.

  -t       the recipients are those in To, Cc and Bcc, beside those given; of a resent message those of its newest block
           of Resent-To, Resent-Cc and Resent-Bcc instead, and the envelope sender is its Resent-From
  -f       the envelope sender; the identity is found by the From field, or by the sender where From is somebody else
  -F       the name for a From field that is missing
  -i, -oi  a line with a single dot does not end the message

Names without a domain (root) stand for the address of the first identity. Other options are accepted and do nothing.`,
  async run(call) {
    const asked = sendmailArguments(call.args);
    checkAddresses(asked);
    const { ignoreDots, ...envelope } = asked;
    if (envelope.recipients.length === 0 && !envelope.readHeader)
      throw new UsageError('Say who it is for: addresses, or -t.');
    const given = await readStdin(call, 512 * 1024 * 1024);
    const message = ignoreDots ? given : upToLoneDot(given);
    // As other programs of this name do: EX_USAGE.
    if (!hasRecipient(message, envelope)) throw new UsageError('The message names nobody to send it to.');
    const { profileDir } = await findProfile(call.profile);
    const name = await writeToSpool(profileDir, message, envelope);
    return queue(call, profileDir, name);
  },
};

/**
 * The message is durable already. If the application can be had at once, it takes the message over, and what is wrong
 * with it can be told here and now. Otherwise whoever has the profile takes it up.
 */
async function queue(call: Call, profileDir: string, name: string): Promise<number> {
  const profile = await findProfile(call.profile);
  try {
    const { signal, program } = call;
    const app = await openApp(profile, { signal, program, waitMs: 0, onWait: () => undefined });
    try {
      const item = await takeUp(app.api, profileDir, name);
      // Null: a process that delivers later was quicker.
      if (call.out.isJson)
        call.out.json(item === null ? { spooled: name } : { outboxId: item.outboxId, messageId: item.messageId });
    } finally {
      // Queued is queued, whatever closing meets.
      await app.close().catch(() => undefined);
    }
    // An application that runs delivers by itself.
    if (app.isOwn) await deliverLater(profile, call.profile, program);
    return exitCode.ok;
  } catch (error) {
    if (error instanceof MailError && (error.code === 'EINVALID' || error.code === 'ETOOLARGE')) {
      await dropFromSpool(join(profileDir, 'spool'), name);
      throw error;
    }
    // A caller that is told of a failure sends again, and that would double it: it is queued.
    await deliverLater(profile, call.profile, call.program);
    if (call.out.isJson) call.out.json({ spooled: name });
    return exitCode.ok;
  }
}
