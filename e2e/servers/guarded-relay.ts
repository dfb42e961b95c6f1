import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from '../../src-main/core/incoming/testing/certificates.ts';
import { startDovecot } from '../../src-main/core/incoming/testing/dovecot.ts';
import { type Postfix, startPostfix } from './postfix.ts';

/**
 * A Postfix that wants STARTTLS and a password before it relays; Dovecot checks the passwords for it. Stopping it stops
 * both. Its certificate is signed by itself, for `relay.test` and 127.0.0.1.
 */
export async function startGuardedRelay(mailboxes: readonly string[]): Promise<Postfix> {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-sasl-'));
  // Postfix goes in as a user of its own.
  await chmod(folder, 0o755);
  const names = { commonName: 'relay.test', altNames: ['DNS:relay.test', 'IP:127.0.0.1'] };
  const { cert, key } = await createCertificate(names);
  const certificate = { keyFile: join(folder, 'key.pem'), certFile: join(folder, 'cert.pem') };
  await writeFile(certificate.keyFile, key, { mode: 0o600 });
  await writeFile(certificate.certFile, cert);
  const saslSocket = join(folder, 'auth');
  const dovecot = await startDovecot({
    config: `service auth {\n  unix_listener ${saslSocket} {\n    mode = 0666\n  }\n}`,
  });
  const stopAround = async (): Promise<void> => {
    await dovecot.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const postfix = await startPostfix({ mailboxes: [...mailboxes], saslSocket, certificate });
    return {
      ...postfix,
      async stop() {
        await postfix.stop();
        await stopAround();
      },
    };
  } catch (error) {
    await stopAround();
    throw error;
  }
}
