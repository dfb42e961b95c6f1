import type { NetworkDescription } from '../core/ports.ts';

/** Runs a command; undefined when it cannot be run or fails. */
export type Run = (command: string, args: string[]) => Promise<string | undefined>;

/** macOS by its own commands. */
export async function describeMac(run: Run): Promise<NetworkDescription> {
  const ipv4 = parseRouteGet((await run('/sbin/route', ['-n', 'get', 'default'])) ?? '');
  const route =
    ipv4.interfaceName !== null
      ? ipv4
      : parseRouteGet((await run('/sbin/route', ['-n', 'get', '-inet6', 'default'])) ?? '');
  const gateway = route.gatewayAddress;
  const [mac, dns, ports] = await Promise.all([
    gateway === null ? null : gatewayMac(gateway, run),
    run('/usr/sbin/scutil', ['--dns']),
    run('/usr/sbin/networksetup', ['-listallhardwareports']),
  ]);
  const interfaceKind = route.interfaceName === null ? null : parseHardwarePorts(ports ?? '', route.interfaceName);
  const summary =
    interfaceKind === 'wireless' && route.interfaceName !== null
      ? await run('/usr/sbin/ipconfig', ['getsummary', route.interfaceName])
      : undefined;
  return {
    gatewayAddress: route.gatewayAddress,
    gatewayMac: mac,
    dnsSuffix: parseScutilDns(dns ?? ''),
    interfaceKind,
    wifiName: parseWifiSummary(summary ?? ''),
    isOnline: route.interfaceName !== null,
  };
}

/** `route -n get default`. */
function parseRouteGet(output: string): { gatewayAddress: string | null; interfaceName: string | null } {
  return {
    // A tunnel has `link#22` for a gateway, which is none; an IPv6 one names its interface, which is no part of it.
    gatewayAddress: /^\s*gateway: ([0-9a-f.:]+)(?:%\S+)?\s*$/m.exec(output)?.[1] ?? null,
    interfaceName: /^\s*interface: (\S+)\s*$/m.exec(output)?.[1] ?? null,
  };
}

async function gatewayMac(address: string, run: Run): Promise<string | null> {
  if (address.includes(':')) return parseNdpTable((await run('/usr/sbin/ndp', ['-an'])) ?? '', address);
  return parseArpLine((await run('/usr/sbin/arp', ['-n', address])) ?? '');
}

/** `ndp -an`: one neighbour a line, its address with the interface behind `%`. */
function parseNdpTable(output: string, address: string): string | null {
  for (const line of output.split('\n')) {
    const [neighbour, mac] = line.trim().split(/\s+/);
    if (neighbour?.split('%')[0] === address) return parseArpLine(`? at ${mac ?? ''} on`);
  }
  return null;
}

/** `arp -n ADDRESS`, whose octets lack leading zeros. */
function parseArpLine(output: string): string | null {
  const mac = / at ([0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}) /i.exec(output)?.[1];
  return (
    mac
      ?.split(':')
      .map((octet) => octet.padStart(2, '0').toLowerCase())
      .join(':') ?? null
  );
}

/** The first search domain `scutil --dns` tells. */
function parseScutilDns(output: string): string | null {
  const suffix = /^\s*(?:search domain\[0\]|domain)\s*: (\S+)\s*$/m.exec(output)?.[1];
  // mDNS is not a network's own name.
  return suffix === undefined || suffix === 'local' || suffix.endsWith('.arpa') ? null : suffix.toLowerCase();
}

/** What kind of port `networksetup -listallhardwareports` says a device is. */
function parseHardwarePorts(output: string, interfaceName: string): 'wired' | 'wireless' | 'other' {
  for (const block of output.split(/\n\s*\n/)) {
    if (/^Device: (\S+)$/m.exec(block)?.[1] !== interfaceName) continue;
    const port = /^Hardware Port: (.+)$/m.exec(block)?.[1] ?? '';
    if (/wi-?fi|airport/i.test(port)) return 'wireless';
    return /ethernet|lan/i.test(port) ? 'wired' : 'other';
  }
  return 'other';
}

/** `ipconfig getsummary`: newer systems hide the name from programs without leave to know the place. */
function parseWifiSummary(output: string): string | null {
  const name = /^\s*SSID : (.+?)\s*$/m.exec(output)?.[1];
  return name === undefined || name === '<redacted>' ? null : name;
}
