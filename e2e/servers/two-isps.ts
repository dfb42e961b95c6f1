import type { ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate, type TestCertificate } from '../../src-main/core/incoming/testing/certificates.ts';
import { type NameServer, startNameServer } from './name-server.ts';
import { endProcess, makeNamespace, type Namespace, sweepNamespaces, untilSaid } from './namespaces.ts';
import { type Postfix, type PostfixOptions, type PostfixPlace, startPostfix } from './postfix.ts';

/**
 * Two providers of internet access and what lies beyond, of network namespaces and real servers:
 *
 *     laptop --cable-- A (192.0.2.0/24) ------ internet (203.0.113.0/24) ------ B (198.51.100.0/24)
 *
 * The laptop is plugged in at either. Both gave their customers the same router: 192.168.1.1, and the laptop gets
 * 192.168.1.100 from both; only the hardware addresses differ. Each has a relay that takes mail of its own customers,
 * and a name server. B drops its customers' connections to port 25 of anybody else.
 */
export interface TwoIsps {
  readonly laptop: Namespace;
  readonly a: Isp;
  readonly b: Isp;
  /** Takes the mail of recipient.example and two.example: where everything ends. */
  readonly recipient: Postfix;
  /** On port 587 of submit.provider.example with STARTTLS; lets in who signs in. */
  readonly provider: Postfix;
  /** At B, in the way of port 25 while `redirect` is on; relays for everybody. */
  readonly interceptor: Postfix;
  /** What every server shows that offers STARTTLS. */
  readonly certificate: TestCertificate;
  plugIn(at: Isp): Promise<void>;
  unplug(): Promise<void>;
  /** From now on who connects to port 25 of anybody but B's own relay reaches B's interceptor. */
  redirect(isOn: boolean): Promise<void>;
  /** From now on every name is the gateway's, where something answers that speaks no SMTP. */
  captivePortal(at: Isp, isOn: boolean): Promise<void>;
  /** How the name server of an ISP behaves from now on: as it should, denying every name, or not at all. */
  nameService(at: Isp, how: 'works' | 'denies' | 'silent'): Promise<void>;
  close(): Promise<void>;
}

export interface Isp {
  readonly gateway: Namespace;
  readonly relay: Postfix;
  readonly names: NameServer;
}

export interface TwoIspsOptions {
  /** Mailboxes of the recipients' server. */
  readonly mailboxes: readonly string[];
  /** Dovecot's authentication socket, for the provider. */
  readonly saslSocket?: string;
}

const lanAddress = '192.168.1.1';
const laptopAddress = '192.168.1.100';
const lan = '192.168.1.0/24';
const interceptorPort = 2525;

const isps = {
  a: { net: '192.0.2', mac: '02:00:5e:00:0a:01', domain: 'isp-a.example' },
  b: { net: '198.51.100', mac: '02:00:5e:00:0b:01', domain: 'isp-b.example' },
} as const;
type IspPlan = (typeof isps)['a' | 'b'];

/**
 * What every name server knows, in dnsmasq's words. 2 is NS: the root has one, by which a name service that works is known.
 * 15 is MX, its data here a preference of 0 and the root.
 */
const zone = [
  'dns-rr=.,2,0161077365727665727300',
  'host-record=smtp.isp-a.example,192.0.2.25',
  'host-record=smtp.isp-b.example,198.51.100.25',
  'host-record=submit.provider.example,203.0.113.58',
  'host-record=mx.recipient.example,203.0.113.25',
  'host-record=closed.recipient.example,203.0.113.26',
  'mx-host=recipient.example,mx.recipient.example,10',
  'mx-host=two.example,mx.recipient.example,20',
  'mx-host=two.example,closed.recipient.example,10',
  'dns-rr=nomail.example,15,000000',
];

/** Makes all of it, with the laptop plugged in nowhere. Throws, with nothing left behind, when something fails. */
export async function makeTwoIsps(options: TwoIspsOptions): Promise<TwoIsps> {
  await sweepNamespaces();
  const ground = new Cleanup();
  const servers = new Cleanup();
  const close = async (): Promise<void> => {
    await servers.close();
    await ground.close();
  };
  try {
    const places = await layGround(ground);
    return { ...(await startServers(places, options, servers)), laptop: places.laptop, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Ends what was made, all at once. */
class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #isClosed = false;

  /** `end` is called in the end: at once, where that has passed while it was being made. */
  async keep<T>(making: Promise<T>, end: (made: T) => Promise<unknown>): Promise<T> {
    const made = await making;
    if (this.#isClosed) await end(made);
    else this.#steps.push(() => end(made));
    return made;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const ended = await Promise.allSettled(this.#steps.splice(0).map((step) => step()));
    const failed = ended.flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : []));
    if (failed.length > 0) throw new AggregateError(failed, 'Not everything could be cleaned up.');
  }
}

interface Places {
  readonly laptop: Namespace;
  readonly internet: Namespace;
  readonly a: Namespace;
  readonly b: Namespace;
}

async function layGround(ground: Cleanup): Promise<Places> {
  const make = (role: string): Promise<Namespace> => ground.keep(makeNamespace(role), (space) => space.close());
  const [laptop, internet, a, b] = await Promise.all([make('laptop'), make('internet'), make('isp-a'), make('isp-b')]);
  await layInternet(internet);
  await Promise.all([layIsp(isps.a, a, internet), layIsp(isps.b, b, internet)]);
  // Only its own relay may use port 25.
  await b.iptables('-A', 'FORWARD', '-p', 'tcp', '--dport', '25', '-j', 'DROP');
  return { laptop, internet, a, b };
}

type Servers = Omit<TwoIsps, 'laptop' | 'close'>;

async function startServers(places: Places, options: TwoIspsOptions, servers: Cleanup): Promise<Servers> {
  const { laptop, internet } = places;
  const { certificate, files } = await makeCertificate(servers);
  const names = (where: Namespace): Promise<NameServer> =>
    servers.keep(startNameServer(where, zone), (server) => server.stop());
  const postfix = (where: Namespace, place: Omit<PostfixPlace, 'through'>, more: PostfixOptions = {}) =>
    servers.keep(startPostfix({ ...more, place: { ...place, through: where.through } }), (server) => server.stop());
  const isp = async ({ domain, net }: IspPlan, gateway: Namespace): Promise<Isp> => {
    const place = { hostName: `smtp.${domain}`, listen: [`${net}.25:25`], networks: [lan, `${net}.0/24`] };
    const [server, relay] = await Promise.all([names(gateway), postfix(gateway, place, { certificate: files })]);
    return { gateway, relay, names: server };
  };
  const atRecipient = { hostName: 'mx.recipient.example', listen: ['203.0.113.25:25'], networks: [] };
  const atProvider = { hostName: 'submit.provider.example', listen: ['203.0.113.58:587'], networks: [] };
  const { saslSocket } = options;
  const forProvider = { certificate: files, ...(saslSocket === undefined ? {} : { saslSocket }) };
  const between = {
    hostName: 'filter.carrier-b.example',
    listen: [`${isps.b.net}.26:${interceptorPort}`],
    networks: ['0.0.0.0/0'],
  };
  const [a, b, recipient, provider, interceptor] = await Promise.all([
    isp(isps.a, places.a),
    isp(isps.b, places.b),
    postfix(internet, atRecipient, { mailboxes: options.mailboxes }),
    postfix(internet, atProvider, forProvider),
    postfix(places.b, between),
    names(internet),
  ]);
  const portal = await servers.keep(Promise.resolve(createPortal()), (made) => made.stop());
  return {
    ...{ a, b, recipient, provider, interceptor, certificate },
    plugIn: ({ gateway }) => plugIn(laptop, gateway),
    unplug: () => laptop.ip('link', 'del', 'eth0'),
    redirect: (isOn) => redirect(places.b, isOn),
    async captivePortal(at, isOn) {
      await (isOn ? portal.start(at.gateway) : portal.stop());
      await at.names.answerBy(isOn ? [`address=/#/${lanAddress}`] : zone);
    },
    nameService: ({ names: server }, how) => server.answerBy({ works: zone, denies: [], silent: null }[how]),
  };
}

/** One certificate for all, and the files Postfix reads it from. */
async function makeCertificate(servers: Cleanup) {
  const certificate = await createCertificate({
    commonName: 'submit.provider.example',
    altNames: ['DNS:submit.provider.example', 'DNS:smtp.isp-a.example'],
  });
  const folder = await servers.keep(mkdtemp(join(tmpdir(), 'postrider-isps-')), (made) =>
    rm(made, { recursive: true }),
  );
  await chmod(folder, 0o755);
  const files = { keyFile: join(folder, 'key.pem'), certFile: join(folder, 'cert.pem') };
  await writeFile(files.keyFile, certificate.key, { mode: 0o600 });
  await writeFile(files.certFile, certificate.cert);
  return { certificate, files };
}

/** The addresses of everything that is not an ISP's. Nobody listens at 203.0.113.26: it refuses. */
async function layInternet(internet: Namespace): Promise<void> {
  for (const host of [25, 26, 58]) await internet.ip('addr', 'add', `203.0.113.${host}/32`, 'dev', 'lo');
  await internet.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  await internet.setResolver('nameserver 127.0.0.1\n');
}

/** The ISP's side of the line to the internet, and its customers' side with the address every router has. */
async function layIsp({ net, mac, domain }: IspPlan, gateway: Namespace, internet: Namespace): Promise<void> {
  const line = domain.replace('.example', '');
  await gateway.ip('link', 'add', 'wan', 'type', 'veth', 'peer', 'name', line, 'netns', internet.name);
  await internet.ip('addr', 'add', `${net}.254/24`, 'dev', line);
  await internet.ip('link', 'set', line, 'up');
  for (const host of [1, 25, 26]) await gateway.ip('addr', 'add', `${net}.${host}/24`, 'dev', 'wan');
  await gateway.ip('link', 'set', 'wan', 'up');
  await gateway.ip('route', 'add', 'default', 'via', `${net}.254`);
  await gateway.ip('link', 'add', 'lan', 'address', mac, 'type', 'bridge');
  await gateway.ip('addr', 'add', `${lanAddress}/24`, 'dev', 'lan');
  await gateway.ip('link', 'set', 'lan', 'up');
  await gateway.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  await gateway.iptables('-t', 'nat', '-A', 'POSTROUTING', '-s', lan, '-o', 'wan', '-j', 'MASQUERADE');
  await gateway.setResolver('nameserver 127.0.0.1\n');
}

/** The cable, then what DHCP would bring, in its order. */
async function plugIn(laptop: Namespace, gateway: Namespace): Promise<void> {
  await gateway.ip('link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', laptop.name);
  await gateway.ip('link', 'set', 'cable', 'master', 'lan', 'up');
  await laptop.ip('link', 'set', 'eth0', 'address', '02:00:5e:00:00:64', 'up');
  await laptop.setResolver(`nameserver ${lanAddress}\nsearch home.arpa\noptions timeout:1 attempts:2\n`);
  await laptop.ip('addr', 'add', `${laptopAddress}/24`, 'dev', 'eth0');
  await laptop.ip('route', 'add', 'default', 'via', lanAddress);
}

async function redirect(gateway: Namespace, isOn: boolean): Promise<void> {
  const rule = ['PREROUTING', '-i', 'lan', '!', '-d', `${isps.b.net}.25`, '-p', 'tcp', '--dport', '25'];
  const target = ['-j', 'DNAT', '--to-destination', `${isps.b.net}.26:${interceptorPort}`];
  await gateway.iptables('-t', 'nat', isOn ? '-A' : '-D', ...rule, ...target);
}

/** What a hotel puts in everybody's way: on port 25 it talks HTTP at once, on 587 it waits for a request. */
function createPortal(): { start(gateway: Namespace): Promise<void>; stop(): Promise<void> } {
  let child: ChildProcess | undefined;
  const page = 'HTTP/1.0 302 Found\\r\\nLocation: http://login.hotel.example/\\r\\n\\r\\n';
  const script = `
    const { createServer } = require('node:net');
    const serve = (port, onSocket) => new Promise((done) => createServer((socket) => {
      socket.on('error', () => {});
      onSocket(socket);
    }).listen(port, '${lanAddress}', done));
    const answer = (socket) => socket.end('${page}');
    Promise.all([serve(25, answer), serve(587, (socket) => socket.once('data', () => answer(socket)))])
      .then(() => console.log('ready'));
  `;
  return {
    async start(gateway) {
      child = gateway.start(process.execPath, '-e', script);
      await untilSaid(child, /^ready$/);
    },
    async stop() {
      if (child !== undefined) await endProcess(child);
      child = undefined;
    },
  };
}
