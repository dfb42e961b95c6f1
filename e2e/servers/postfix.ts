import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface PostfixOptions {
  /** Refuses these senders at MAIL FROM, as a provider does that takes only its own addresses. */
  readonly refuseSenders?: readonly string[];
  /** Mailboxes that are delivered here (`name@domain`). */
  readonly mailboxes?: readonly string[];
  /** A PEM with key and certificate: STARTTLS is then offered. */
  readonly certificate?: { readonly keyFile: string; readonly certFile: string };
  /** Dovecot's authentication socket: AUTH is then offered, and asked for before relaying. */
  readonly saslSocket?: string;
  readonly messageSizeLimit?: number;
  /** Where delivered mail goes, `DIR/DOMAIN/USER/` as Maildir; one of its own unless given. */
  readonly mailDir?: string;
  /** Somewhere else than on loopback: it then relays for its own network, by the MX of the recipients' domains. */
  readonly place?: PostfixPlace;
  /** Further lines of main.cf. */
  readonly settings?: readonly string[];
}

export interface PostfixPlace {
  /** Put before the command that starts it: `ip netns exec NAME`. */
  readonly through: readonly string[];
  /** `ADDRESS:PORT`, each. */
  readonly listen: readonly string[];
  readonly hostName: string;
  /** Whose mail it relays (CIDR); of others it takes only what is for its own mailboxes. */
  readonly networks: readonly string[];
}

/** A real Postfix of its own, on loopback unless it has another place. */
export interface Postfix {
  /** On loopback; 0 in another place. */
  readonly port: number;
  readonly mailDir: string;
  /** The files delivered to a mailbox so far. */
  delivered(mailbox: string): Promise<Buffer[]>;
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Whether Postfix can be run here: it is installed and we are root, which its master process insists on. */
export async function hasPostfix(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return run('/usr/sbin/postconf', ['-h', 'mail_version']).then(
    () => true,
    () => false,
  );
}

// The user that owns what is delivered: `nobody`, whom Postfix's virtual(8) accepts.
const deliverAs = 65_534;

/** Starts a Postfix with its own configuration, queue and log under a temporary folder. */
export async function startPostfix(options: PostfixOptions = {}): Promise<Postfix> {
  const root = await mkdtemp(join(tmpdir(), 'postrider-postfix-'));
  await chmod(root, 0o755);
  const configDir = join(root, 'etc');
  const mailDir = options.mailDir ?? join(root, 'mail');
  for (const folder of ['etc', 'queue', 'data']) await mkdir(join(root, folder));
  await mkdir(mailDir, { recursive: true });
  await chown(mailDir, deliverAs, deliverAs);
  await run('chown', ['postfix', join(root, 'data')]);
  const { place } = options;
  const port = place === undefined ? await freePort() : 0;
  await writeFile(join(configDir, 'main.cf'), mainCf(root, mailDir, options));
  await writeFile(join(configDir, 'master.cf'), masterCf(place?.listen ?? [`127.0.0.1:${port}`]));
  await writeFile(
    join(configDir, 'senders'),
    (options.refuseSenders ?? []).map((sender) => `${sender} 550 5.7.1 ${sender}: sender not owned by you\n`).join(''),
  );
  await writeFile(join(configDir, 'mailboxes'), (options.mailboxes ?? []).map(mailboxLine).join(''));
  const [command = '', ...args] = [...(place?.through ?? []), '/usr/sbin/postfix', '-c', configDir, 'start'];
  await run(command, args);
  // Elsewhere nobody here can ask; its sockets are open by now, and who connects is greeted when it is ready.
  if (place === undefined) await untilListening(port);

  return {
    port,
    mailDir,
    async delivered(mailbox) {
      const [user = '', domain = ''] = mailbox.split('@');
      const folder = join(mailDir, domain, user, 'new');
      const names = await readdir(folder).catch(() => []);
      return Promise.all(names.sort().map((name) => readFile(join(folder, name))));
    },
    log: () => readFile(join(root, 'maillog'), 'utf8').catch(() => ''),
    async stop() {
      await run('/usr/sbin/postfix', ['-c', configDir, 'stop']).catch(() => undefined);
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A trailing slash asks virtual(8) for Maildir delivery. */
function mailboxLine(mailbox: string): string {
  const [user = '', domain = ''] = mailbox.split('@');
  return `${mailbox} ${domain}/${user}/\n`;
}

function mainCf(root: string, mailDir: string, options: PostfixOptions): string {
  const domains = [...new Set((options.mailboxes ?? []).map((mailbox) => mailbox.slice(mailbox.indexOf('@') + 1)))];
  const lines = [
    'compatibility_level = 3.6',
    `queue_directory = ${root}/queue`,
    `data_directory = ${root}/data`,
    'command_directory = /usr/sbin',
    'daemon_directory = /usr/lib/postfix/sbin',
    'mail_owner = postfix',
    'setgid_group = postdrop',
    'mydestination =',
    'inet_protocols = ipv4',
    ...placeLines(options.place),
    'alias_maps =',
    'biff = no',
    `maillog_file = ${root}/maillog`,
    `maillog_file_prefixes = /var, /dev/stdout, ${root}`,
    `message_size_limit = ${options.messageSizeLimit ?? 0}`,
    'mailbox_size_limit = 0',
    'virtual_mailbox_limit = 0',
    `virtual_mailbox_domains = ${domains.join(', ')}`,
    `virtual_mailbox_base = ${mailDir}`,
    `virtual_mailbox_maps = texthash:${root}/etc/mailboxes`,
    `virtual_uid_maps = static:${deliverAs}`,
    `virtual_gid_maps = static:${deliverAs}`,
    // Refused at MAIL, not before: AUTH comes in between.
    `smtpd_sender_restrictions = check_sender_access texthash:${root}/etc/senders${
      options.saslSocket === undefined ? '' : ', permit_sasl_authenticated, reject'
    }`,
    'smtpd_delay_reject = no',
    'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination',
    'smtpd_client_connection_count_limit = 0',
  ];
  lines.push(...(options.settings ?? []));
  if (options.certificate !== undefined) {
    lines.push(
      'smtpd_tls_security_level = may',
      `smtpd_tls_key_file = ${options.certificate.keyFile}`,
      `smtpd_tls_cert_file = ${options.certificate.certFile}`,
    );
  }
  if (options.saslSocket !== undefined) {
    lines.push(
      'smtpd_sasl_auth_enable = yes',
      'smtpd_sasl_type = dovecot',
      `smtpd_sasl_path = ${options.saslSocket}`,
      'smtpd_sasl_security_options = noanonymous',
    );
  }
  return `${lines.join('\n')}\n`;
}

function placeLines(place: PostfixPlace | undefined): string[] {
  if (place === undefined) {
    return [
      'myhostname = relay.test',
      'mynetworks = 127.0.0.0/8',
      'inet_interfaces = loopback-only',
      'default_transport = error:5.1.2 this test relays nowhere',
      'relay_transport = $default_transport',
      'disable_dns_lookups = yes',
    ];
  }
  return [
    `myhostname = ${place.hostName}`,
    `mynetworks = ${place.networks.join(', ')}`,
    // Its own alone: several may share a machine's addresses, and each would take the others for itself.
    `inet_interfaces = ${place.listen.map((address) => address.replace(/:\d+$/, '')).join(', ')}`,
    // Nobody there knows names for addresses; asking would only take time.
    'smtpd_peername_lookup = no',
  ];
}

function masterCf(listen: readonly string[]): string {
  return [
    ...listen.map((address) => `${address} inet n - n - - smtpd`),
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'showq unix n - n - - showq',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'virtual unix - n n - - virtual',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
    '',
  ].join('\n');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Postfix's master returns before its listeners greet; a refused connection is tried again until a deadline. */
async function untilListening(port: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await greets(port))) {
    if (Date.now() > deadline) throw new Error(`Postfix does not answer on port ${port}.`);
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString('latin1').startsWith('220'));
      socket.end('QUIT\r\n');
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
