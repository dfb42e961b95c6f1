import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Network, NetworkDescription } from '../core/ports.ts';
import { knockAtGateway, untilGatewayIsKnown } from './gateway-address.ts';
import {
  type DefaultRoute,
  parseArpTable,
  parseIpv6Routes,
  parseNeighbour,
  parseResolvConf,
  parseRouteTable,
} from './network-linux.ts';
import { describeMac, type Run } from './network-macos.ts';
import { describeWindows } from './network-windows.ts';

const commandTimeoutMs = 5000;

/** What this machine tells about where it is connected. A fact that cannot be had is null; it never throws but for `signal`. */
export const nodeNetwork: Network = {
  interfaces() {
    return Object.fromEntries(
      Object.entries(networkInterfaces()).map(([name, addresses = []]) => [
        name,
        addresses.map(({ address, family, internal, mac }) => ({ address, family, internal, mac })),
      ]),
    );
  },
  async describe(signal) {
    signal.throwIfAborted();
    const run = runner(signal);
    const description = await untilGatewayIsKnown(() => describeBySystem(run), knockAtGateway, signal);
    signal.throwIfAborted();
    return description;
  },
};

function describeBySystem(run: Run): Promise<NetworkDescription> {
  if (process.platform === 'linux') return describeLinux('/', run);
  if (process.platform === 'darwin') return describeMac(run);
  if (process.platform === 'win32') return describeWindows(run);
  return Promise.resolve(describeByInterfaces());
}

/** A command's standard output; undefined when it is missing, fails or takes too long. */
function runner(signal: AbortSignal): Run {
  return async (command, args) => {
    try {
      const options = { timeout: commandTimeoutMs, signal, windowsHide: true, maxBuffer: 4 * 2 ** 20 };
      const { stdout } = await promisify(execFile)(command, args, options);
      return stdout;
    } catch {
      return undefined;
    }
  };
}

/** Linux by its own files, below `root`; only the name of a wireless network needs a command. */
export async function describeLinux(root: string, run: Run): Promise<NetworkDescription> {
  const [routes, arp, resolvConf, ipv6Routes] = await Promise.all([
    readIfThere(join(root, 'proc/net/route')),
    readIfThere(join(root, 'proc/net/arp')),
    readIfThere(join(root, 'etc/resolv.conf')),
    readIfThere(join(root, 'proc/net/ipv6_route')),
  ]);
  const ipv4: DefaultRoute | null = parseRouteTable(routes);
  const route = ipv4 ?? parseIpv6Routes(ipv6Routes);
  const interfaceKind = route === null ? null : kindOf(root, route.interfaceName);
  return {
    gatewayAddress: route?.gatewayAddress ?? null,
    gatewayMac: ipv4 === null ? await neighbour(route, run) : parseArpTable(arp, ipv4),
    dnsSuffix: parseResolvConf(resolvConf),
    interfaceKind,
    wifiName: interfaceKind === 'wireless' ? await wirelessName(run) : null,
    isOnline: route !== null,
  };
}

/** IPv6 neighbours stand in no file. */
async function neighbour(route: DefaultRoute | null, run: Run): Promise<string | null> {
  if (route === null || route.gatewayAddress === null) return null;
  return parseNeighbour((await run('ip', ['neigh', 'show', route.gatewayAddress, 'dev', route.interfaceName])) ?? '');
}

function kindOf(root: string, interfaceName: string): 'wired' | 'wireless' | 'other' {
  const folder = join(root, 'sys/class/net', interfaceName);
  if (existsSync(join(folder, 'wireless')) || existsSync(join(folder, 'phy80211'))) return 'wireless';
  // A tunnel or bridge has no device behind it.
  return existsSync(join(folder, 'device')) ? 'wired' : 'other';
}

async function wirelessName(run: Run): Promise<string | null> {
  const byTools = (await run('iwgetid', ['-r']))?.trim();
  if (byTools !== undefined && byTools !== '') return byTools;
  const list = await run('nmcli', ['-t', '-f', 'active,ssid', 'device', 'wifi']);
  const active = /^yes:(.+)$/m.exec(list ?? '')?.[1];
  // nmcli -t escapes colons and backslashes.
  return active?.replace(/\\(.)/g, '$1') ?? null;
}

function describeByInterfaces(): NetworkDescription {
  const isOnline = Object.values(networkInterfaces()).some((list) => list?.some(({ internal }) => !internal));
  return { gatewayAddress: null, gatewayMac: null, dnsSuffix: null, interfaceKind: null, wifiName: null, isOnline };
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}
