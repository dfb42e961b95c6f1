import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { OAuthSecret, type Secret } from '#shared/mail/endpoint.ts';
import { MailError } from '#shared/mail-error.ts';
import { UsageError } from './exit-codes.ts';
import type { Call } from './verb.ts';

const maxInputOctets = 64 * 1024 * 1024;

/** Everything on standard input. */
export async function readStdin({ stdin }: Pick<Call, 'stdin'>, limit = maxInputOctets): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const part = Buffer.from(chunk);
    size += part.length;
    if (size > limit) throw new MailError('ETOOLARGE', 'There is too much on standard input.');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const JsonObject = z.record(z.string(), z.unknown());

/** A JSON object on standard input. Throws EINVALID. */
export async function readJsonObject(call: Call): Promise<Record<string, unknown>> {
  if (call.stdin.isTTY === true) call.out.note('Reading JSON from standard input; end it with Ctrl-D.');
  const text = (await readStdin(call)).toString('utf8').replace(/^\ufeff/, '');
  const parsed = JsonObject.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new MailError('EINVALID', 'What is on standard input is not a JSON object.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a secret may come from beside the JSON; never from an argument, which every user of the machine can see. */
export const secretOptions = { 'secret-file': { type: 'string' }, 'secret-env': { type: 'string' } } as const;

export const secretHelp = `  --secret-file FILE   take the secret from a file (its last line end is left out)
  --secret-env NAME    take the secret from this environment variable`;

/** The secret named by these options; undefined when neither is given. */
export async function readSecret(
  call: Call,
  options: { 'secret-file'?: string; 'secret-env'?: string },
): Promise<Secret | undefined> {
  const { 'secret-file': file, 'secret-env': name } = options;
  if (file !== undefined && name !== undefined) throw new UsageError('Give --secret-file or --secret-env, not both.');
  if (file !== undefined) return asSecret(await readSecretFile(resolve(call.cwd, file)));
  if (name === undefined) return undefined;
  const value = call.env[name];
  if (value === undefined || value === '') throw new MailError('EINVALID', `The environment has no secret in ${name}.`);
  return asSecret(value);
}

async function readSecretFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new MailError('ENOTFOUND', `The secret file ${path} cannot be read.`, { cause: error });
  }
}

/** For XOAUTH2 the secret is a JSON object; anything else is a password as it stands. */
function asSecret(text: string): Secret {
  const oauth = OAuthSecret.safeParse(parseJson(text));
  return oauth.success ? oauth.data : text;
}
