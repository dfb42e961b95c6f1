import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface MadeCertificate {
  readonly context: SecureContext;
  /** For contexts of another make. */
  readonly pem: { readonly key: Buffer; readonly cert: Buffer };
  readonly sha256: string;
}

export interface MadeCertificates {
  /** Of the authority behind `good`, `expired` and `wrongHost`. */
  readonly authorityPem: string;
  readonly good: MadeCertificate;
  readonly expired: MadeCertificate;
  readonly wrongHost: MadeCertificate;
  readonly selfSigned: MadeCertificate;
}

/** Certificates for `localhost` and 127.0.0.1, by openssl: good ones and each kind of bad. */
export async function makeCertificates(): Promise<MadeCertificates> {
  const dir = await mkdtemp(join(tmpdir(), 'postrider-tls-'));
  const at = (name: string): string => join(dir, name);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: dir });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const issue = async (name: string, names: string, dates: string[]): Promise<MadeCertificate> => {
    await openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    await writeFile(at(`${name}.ext`), `subjectAltName=${names}\n`);
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    await openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signed, ...dates);
    return load(name);
  };
  const load = async (name: string): Promise<MadeCertificate> => {
    const [key, cert] = await Promise.all([readFile(at(`${name}.key`)), readFile(at(`${name}.pem`))]);
    const sha256 = createHash('sha256').update(new X509Certificate(cert).raw).digest('hex');
    return { context: createSecureContext({ key, cert }), pem: { key, cert }, sha256 };
  };
  try {
    await openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      '/CN=Test authority',
    );
    const own = ['-keyout', 'self.key', '-out', 'self.pem', '-days', '2', '-subj', '/CN=localhost'];
    await openssl('req', '-x509', ...newKey, ...own, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
    const here = 'DNS:localhost,IP:127.0.0.1';
    return {
      authorityPem: await readFile(at('ca.pem'), 'utf8'),
      good: await issue('good', here, ['-days', '2']),
      expired: await issue('expired', here, ['-days', '-1']),
      wrongHost: await issue('elsewhere', 'DNS:elsewhere.example', ['-days', '2']),
      selfSigned: await load('self'),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
