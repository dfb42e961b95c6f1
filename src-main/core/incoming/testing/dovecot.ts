import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createCertificate, type TestCertificate } from './certificates.ts';

const program = '/usr/sbin/dovecot';

export const isDovecotInstalled = existsSync(program);

export interface DovecotOptions {
  /** Each with a Maildir of its own. Default: `anna` with the password `secret`. */
  readonly users?: readonly { readonly user: string; readonly password: string }[];
  readonly certificate?: TestCertificate;
  readonly authMechanisms?: string;
  /** More lines for dovecot.conf. */
  readonly config?: string;
}

export interface Dovecot {
  readonly host: '127.0.0.1';
  /** POP3, with STLS on offer. */
  readonly port: number;
  /** POP3 in TLS from the first octet. */
  readonly tlsPort: number;
  readonly certificate: TestCertificate;
  /** Puts a message into the Maildir, exactly these bytes. */
  deliver(user: string, bytes: Uint8Array, name?: string): Promise<void>;
  /** The files now in the Maildir. */
  files(user: string): Promise<Map<string, Uint8Array>>;
  log(): Promise<string>;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/** Starts a real Dovecot on loopback with a configuration of its own under /tmp, as root or as whoever runs the tests. */
export async function startDovecot(options: DovecotOptions = {}): Promise<Dovecot> {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-dovecot-'));
  await chmod(folder, 0o755);
  const certificate =
    options.certificate ??
    (await createCertificate({ commonName: 'localhost', altNames: ['DNS:localhost', 'IP:127.0.0.1'] }));
  const users = options.users ?? [{ user: 'anna', password: 'secret' }];
  const owner = await mailOwner();
  const [port, tlsPort] = await freePorts(2);
  if (port === undefined || tlsPort === undefined) throw new Error('No free ports were found.');
  await writeFile(join(folder, 'key.pem'), certificate.key, { mode: 0o600 });
  await writeFile(join(folder, 'cert.pem'), certificate.cert);
  await writeFile(join(folder, 'users'), users.map(({ user, password }) => `${user}:{PLAIN}${password}\n`).join(''), {
    mode: 0o644,
  });
  for (const { user } of users) await makeMaildir(join(folder, 'mail', user), owner);
  await writeFile(join(folder, 'dovecot.conf'), configuration({ folder, port, tlsPort, owner, options }));
  const child = spawn(program, ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: 'ignore' });
  const logPath = join(folder, 'dovecot.log');
  await answers(port, child, logPath);
  let delivered = 0;
  const maildir = (user: string) => join(folder, 'mail', user, 'Maildir');
  return {
    host: '127.0.0.1',
    port,
    tlsPort,
    certificate,
    async deliver(user, bytes, name) {
      delivered += 1;
      const fileName = name ?? `${1_700_000_000 + delivered}.M${delivered}.test`;
      const path = join(maildir(user), 'tmp', fileName);
      await writeFile(path, bytes);
      await chown(path, owner.uid, owner.gid);
      // Dovecot may take it from there at once.
      await rename(path, join(maildir(user), 'new', fileName));
    },
    async files(user) {
      const found = new Map<string, Uint8Array>();
      for (const part of ['new', 'cur'])
        for (const name of await readdir(join(maildir(user), part)))
          found.set(name, new Uint8Array(await readFile(join(maildir(user), part, name))));
      return found;
    },
    log: () => readFile(logPath, 'utf8'),
    async stop() {
      await stopProcess(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Owner {
  readonly name: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
}

/** Dovecot refuses to serve mail as root; the package brings a user for it. */
async function mailOwner(): Promise<Owner> {
  const { username, uid, gid } = userInfo();
  const name = uid === 0 ? 'nobody' : username;
  const idOf = async (flag: string) => (await run('id', [flag, name])).stdout.trim();
  if (uid !== 0) return { name, group: await idOf('-gn'), uid, gid };
  return { name, group: await idOf('-gn'), uid: Number(await idOf('-u')), gid: Number(await idOf('-g')) };
}

async function makeMaildir(home: string, owner: Owner): Promise<void> {
  for (const part of ['new', 'cur', 'tmp']) await mkdir(join(home, 'Maildir', part), { recursive: true });
  for (const path of [home, join(home, 'Maildir'), ...['new', 'cur', 'tmp'].map((part) => join(home, 'Maildir', part))])
    await chown(path, owner.uid, owner.gid);
}

interface Configuration {
  readonly folder: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly owner: Owner;
  readonly options: DovecotOptions;
}

function configuration({ folder, port, tlsPort, owner, options }: Configuration): string {
  const isRoot = userInfo().uid === 0;
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = ${options.authMechanisms ?? 'plain login'}
auth_failure_delay = 0
mail_location = maildir:${folder}/mail/%u/Maildir
mail_uid = ${owner.uid}
mail_gid = ${owner.gid}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 50
pop3_lock_session = yes
mail_max_lock_timeout = 1 secs
pop3_uidl_format = %08Xu%08Xv
${isRoot ? '' : `default_internal_user = ${owner.name}\ndefault_login_user = ${owner.name}\ndefault_internal_group = ${owner.group}`}
passdb {
  driver = passwd-file
  args = scheme=PLAIN ${folder}/users
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${folder}/mail/%u
}
service pop3-login {
  ${isRoot ? '' : 'chroot ='}
  inet_listener pop3 {
    address = 127.0.0.1
    port = ${port}
  }
  inet_listener pop3s {
    address = 127.0.0.1
    port = ${tlsPort}
    ssl = yes
  }
}
service anvil {
  ${isRoot ? '' : 'chroot ='}
}
service stats {
  ${isRoot ? '' : 'chroot ='}
}
${options.config ?? ''}
`;
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Waits until it greets; fails with its log when it ends before. */
async function answers(port: number, child: ChildProcess, logPath: string): Promise<void> {
  const until = Date.now() + 20_000;
  while (Date.now() < until && child.exitCode === null) if (await greets(port)) return;
  const words = await readFile(logPath, 'utf8').catch(() => '');
  await stopProcess(child);
  throw new Error(`Dovecot did not start. ${words}`);
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      // A refused port answers at once: the next try comes a moment later.
      setTimeout(() => resolve(answer), answer ? 0 : 50);
    };
    socket.setTimeout(5000, () => end(false));
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
  });
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exited;
  clearTimeout(killer);
}
