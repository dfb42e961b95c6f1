import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PracticeMaildrop, PracticeMessage } from './pop3-server.ts';

export interface KeptMaildrop extends PracticeMaildrop {
  add(bytes: Uint8Array): Promise<void>;
}

/** The practice mailbox's messages: files of `folder`, one a message, named for their unique-id. Filled with samples once. */
export async function openMaildrop(folder: string, samplesFolder: string): Promise<KeptMaildrop> {
  if (!existsSync(folder)) await fillWithSamples(folder, samplesFolder);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.eml')).sort();
  const messages: PracticeMessage[] = await Promise.all(
    names.map(async (name) => ({
      uniqueId: name.slice(0, -'.eml'.length),
      bytes: new Uint8Array(await readFile(join(folder, name))),
    })),
  );
  let count = names.length;

  return {
    messages: () => messages,
    async remove(uniqueIds) {
      for (const uniqueId of uniqueIds) {
        await rm(join(folder, `${uniqueId}.eml`), { force: true });
        const at = messages.findIndex((message) => message.uniqueId === uniqueId);
        if (at >= 0) messages.splice(at, 1);
      }
    },
    async add(bytes) {
      count += 1;
      const uniqueId = `${String(count).padStart(6, '0')}-${randomBytes(6).toString('hex')}`;
      await putFile(folder, uniqueId, bytes);
      messages.push({ uniqueId, bytes });
    },
  };
}

/** Made aside and moved into place whole, so that a maildrop is never half full. */
async function fillWithSamples(folder: string, samplesFolder: string): Promise<void> {
  const aside = `${folder}.new`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const samples = (await readdir(samplesFolder)).filter((name) => name.endsWith('.eml')).sort();
  for (const [index, name] of samples.entries()) {
    const bytes = withNetworkLineEnds(await readFile(join(samplesFolder, name)));
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    await putFile(aside, `${String(index + 1).padStart(6, '0')}-${digest}`, bytes);
  }
  await rename(aside, folder);
}

async function putFile(folder: string, uniqueId: string, bytes: Uint8Array): Promise<void> {
  const path = join(folder, `${uniqueId}.eml`);
  await writeFile(`${path}.tmp`, bytes, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}

/** Sample files may be checked out with LF; a mail server holds CRLF. */
function withNetworkLineEnds(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/\r\n|\n/g, '\r\n'), 'latin1');
}
