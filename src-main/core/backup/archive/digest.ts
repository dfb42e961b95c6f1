import { hash } from 'node:crypto';

const smallOctets = 1 << 20;

/** SHA-256, hex. Large messages are digested off this thread. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (bytes.length < smallOctets) return hash('sha256', bytes);
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
