import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ServerId } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Api } from '#shared/rpc/client.ts';
import { onlyWord, parseVerb } from '../arguments.ts';
import { readStdin } from '../read-input.ts';
import { sendingPartingMs } from '../run-pass.ts';
import { sendNow } from '../send-now.ts';
import type { Call, Verb } from '../verb.ts';
import { serverId } from './settings-verb.ts';

export const verb: Verb = {
  partingMs: sendingPartingMs,
  help: `postrider send FILE.eml [--server ID …]

Files the message in the Outbox, durably, then makes one pass over the servers its route allows and says how
it went. The identity is found by the From address, the recipients are those in To, Cc and Bcc.
FILE may be “-” for standard input.

  --server ID   only this server, for this message (more than once: in this order)

Ends with 0 when it was accepted, 65 when it was refused for good or no server takes it as it is, 69 when nobody would take it now (it waits
in the Outbox), 75 when it is uncertain whether it arrived or this computer failed
(a full disk), 77 when a sign-in failed.`,
  async run(call) {
    const { values, positionals } = parseVerb(call.args, { server: { type: 'string', multiple: true } });
    const file = onlyWord(positionals, 'FILE');
    const serverIds = values.server?.map(serverId);
    const { api } = await call.app();
    if (serverIds !== undefined) await checkServers(api, serverIds);
    const { outboxId } = await withFile(call, file, (path) =>
      api.call('outbox.submitFile', { path, wait: false, options: { serverIds } }),
    );
    return sendNow(call, outboxId, { now: false });
  },
};

/** Throws ENOTFOUND: a message for a server that is not there would wait for it for ever. */
export async function checkServers(api: Api, serverIds: readonly ServerId[]): Promise<void> {
  const known = new Set((await api.call('server.list', {})).map(({ id }) => id));
  const missing = serverIds.find((id) => !known.has(id));
  if (missing !== undefined)
    throw new MailError('ENOTFOUND', `There is no outgoing server “${missing}”. Nothing was sent.`);
}

/** The application reads the file itself, wherever it runs; what comes on standard input is put into one for it. */
async function withFile<T>(call: Call, file: string, work: (path: string) => Promise<T>): Promise<T> {
  if (file !== '-') return work(resolve(call.cwd, file));
  const bytes = await readStdin(call);
  const folder = await mkdtemp(join(tmpdir(), 'postrider-'));
  try {
    const path = join(folder, 'message.eml');
    await writeFile(path, bytes, { mode: 0o600 });
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
