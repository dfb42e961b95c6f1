import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** SHA-256 of the certificate, hex, as a pin is written. */
  readonly sha256: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** `DNS:localhost`, `IP:127.0.0.1`. */
  readonly altNames: readonly string[];
  /** Signed by this one; by itself when missing. */
  readonly issuer?: TestCertificate;
  readonly isAuthority?: boolean;
  /** `YYYYMMDDHHMMSSZ`. Default: from now for ten days. */
  readonly notBefore?: string;
  readonly notAfter?: string;
}

const run = promisify(execFile);

/** Makes a certificate with openssl. */
export async function createCertificate(options: CertificateOptions): Promise<TestCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-cert-'));
  try {
    const at = (name: string) => join(folder, name);
    await run('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('key.pem')]);
    await run('openssl', [
      'req',
      '-new',
      '-key',
      at('key.pem'),
      '-subj',
      `/CN=${options.commonName}`,
      '-out',
      at('csr.pem'),
    ]);
    await writeFile(at('ext.cnf'), extensions(options));
    await writeFile(at('index.txt'), '');
    await writeFile(at('serial.txt'), `${randomBytes(8).toString('hex')}\n`);
    await writeFile(at('ca.cnf'), authority(folder));
    if (options.issuer !== undefined) {
      await writeFile(at('issuer-key.pem'), options.issuer.key);
      await writeFile(at('issuer.pem'), options.issuer.cert);
    }
    const signer =
      options.issuer === undefined
        ? ['-selfsign', '-keyfile', at('key.pem')]
        : ['-keyfile', at('issuer-key.pem'), '-cert', at('issuer.pem')];
    const dates = [
      ...(options.notBefore === undefined ? [] : ['-startdate', options.notBefore]),
      ...(options.notAfter === undefined ? ['-days', '10'] : ['-enddate', options.notAfter]),
    ];
    await run('openssl', [
      'ca',
      '-batch',
      '-notext',
      '-config',
      at('ca.cnf'),
      '-extfile',
      at('ext.cnf'),
      '-in',
      at('csr.pem'),
      '-out',
      at('cert.pem'),

      ...signer,
      ...dates,
    ]);
    const { stdout } = await run('openssl', ['x509', '-in', at('cert.pem'), '-noout', '-fingerprint', '-sha256']);
    return {
      key: await readFile(at('key.pem'), 'utf8'),
      cert: await readFile(at('cert.pem'), 'utf8'),
      sha256: stdout.trim().split('=')[1]?.replaceAll(':', '').toLowerCase() ?? '',
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function extensions({ altNames, isAuthority = false }: CertificateOptions): string {
  return [
    `basicConstraints = CA:${isAuthority ? 'TRUE' : 'FALSE'}`,
    ...(altNames.length > 0 ? [`subjectAltName = ${altNames.join(', ')}`] : []),
    '',
  ].join('\n');
}

function authority(folder: string): string {
  return `
[ca]
default_ca = this
[this]
new_certs_dir = ${folder}
database = ${folder}/index.txt
serial = ${folder}/serial.txt
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;
}
