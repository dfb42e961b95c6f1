import { createReadStream } from 'node:fs';
import { MessageKey } from '#shared/ids.ts';
import { formatAddress } from '#shared/mail/address.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import type { ScanNote } from '#shared/mail/quarantine.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Api } from '#shared/rpc/client.ts';
import { onlyWord, parseVerb } from '../arguments.ts';
import { exitCode } from '../exit-codes.ts';
import { type Output, octetsInWords } from '../output.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider show KEY [--raw]

Shows a message: its header, its text, what is attached.

  --raw   the stored bytes, exactly`,
  async run(call) {
    const { values, positionals } = parseVerb(call.args, { raw: { type: 'boolean', default: false } });
    const text = onlyWord(positionals, 'message KEY');
    const key = MessageKey.safeParse(text);
    if (!key.success) throw new MailError('ENOTFOUND', `There is no message “${text}”.`);
    const { api } = await call.app();
    if (values.raw) {
      await writeRaw(api, key.data, call.out);
      return exitCode.ok;
    }
    const message = await api.call('message.get', { messageKey: key.data });
    if (call.out.isJson) call.out.json(message);
    else tell(call.out, message);
    return exitCode.ok;
  },
};

async function writeRaw(api: Api, messageKey: MessageKey, out: Output): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { path } = await api.call('message.locate', { messageKey });
    let written = 0;
    try {
      for await (const chunk of createReadStream(path)) {
        if (!(chunk instanceof Uint8Array)) throw new TypeError('a file gave something else than octets');
        await out.bytes(chunk);
        written += chunk.length;
      }
      return;
    } catch (error) {
      // Another program may have marked it as read in between, which renames the file.
      if (written > 0 || tries > 3) throw new MailError('EIO', 'The message could not be read.', { cause: error });
    }
  }
}

/** A message held back has no text here: `quarantine release` lets it through. */
function scanWords({ state, isHeld, words }: ScanNote): string {
  const said = words === '' ? '' : `, ${words.replace(/\s+/g, ' ')}`;
  return `${state}${isHeld ? ', held back' : ', released'}${said}`;
}

function tell(out: Output, message: ParsedMessage): void {
  const people = (list: ParsedMessage['to']): string => list.map(formatAddress).join(', ');
  const fields: [string, string][] = [
    ['From', people(message.from)],
    ['To', people(message.to)],
    ['Cc', people(message.cc)],
    ['Bcc', people(message.bcc)],
    ['Date', message.date],
    ['Subject', message.subject],
    ['Folder', message.folder],
  ];
  for (const [name, value] of fields) if (value !== '') out.line(`${name}: ${value.replace(/\s+/g, ' ')}`);
  for (const { fileName, contentType, sizeOctets, isInline } of message.attachments)
    if (!isInline) out.line(`Attached: ${fileName} (${contentType}, ${octetsInWords(sizeOctets)})`);
  if (message.beginning !== undefined) out.line(`Incomplete: ${beginningWords(message.beginning)}`);
  for (const defect of message.defects) out.line(`Defect: ${defect}`);
  for (const problem of message.ruleProblems ?? []) out.line(`Rule: ${problem}`);
  if (message.scan !== undefined) out.line(`Scanner: ${scanWords(message.scan)}`);
  out.line();
  out.line(message.text.replaceAll('\r\n', '\n').trimEnd());
}

function beginningWords({ wholeOctets, account }: NonNullable<ParsedMessage['beginning']>): string {
  const what = `only the beginning of this message is here (${octetsInWords(wholeOctets)}).`;
  return account === null
    ? `${what} No account knows of the whole message any more.`
    : `${what} “postrider fetch KEY” gets the whole message from ${account}.`;
}
