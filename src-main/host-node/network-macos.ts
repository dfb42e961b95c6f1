import type { NetworkDescription } from '../core/ports.ts';

/** Runs a command; undefined when it cannot be run or fails. */
export type Run = (command: string, args: string[]) => Promise<string | undefined>;

/** macOS by its own commands. */
export async function describeMac(run: Run): Promise<NetworkDescription> {
  const route = parseRouteGet((await run('/sbin/route', ['-n', 'get', 'default'])) ?? '');
  const [arp, dns, ports] = await Promise.all([
    route.gatewayAddress === null ? undefined : run('/usr/sbin/arp', ['-n', route.gatewayAddress]),
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
    gatewayMac: parseArpLine(arp ?? ''),
    dnsSuffix: parseScutilDns(dns ?? ''),
    interfaceKind,
    wifiName: parseWifiSummary(summary ?? ''),
    isOnline: route.interfaceName !== null,
  };
}

/** `route -n get default`. */
export function parseRouteGet(output: string): { gatewayAddress: string | null; interfaceName: string | null } {
  return {
    gatewayAddress: /^\s*gateway: ([0-9a-f.:]+)\s*$/m.exec(output)?.[1] ?? null,
    interfaceName: /^\s*interface: (\S+)\s*$/m.exec(output)?.[1] ?? null,
  };
}

/** `arp -n ADDRESS`, whose octets lack leading zeros. */
export function parseArpLine(output: string): string | null {
  const mac = / at ([0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}) /i.exec(output)?.[1];
  return (
    mac
      ?.split(':')
      .map((octet) => octet.padStart(2, '0').toLowerCase())
      .join(':') ?? null
  );
}

/** The first search domain `scutil --dns` tells. */
export function parseScutilDns(output: string): string | null {
  const suffix = /^\s*(?:search domain\[0\]|domain)\s*: (\S+)\s*$/m.exec(output)?.[1];
  // mDNS is not a network's own name.
  return suffix === undefined || suffix === 'local' || suffix.endsWith('.arpa') ? null : suffix.toLowerCase();
}

/** What kind of port `networksetup -listallhardwareports` says a device is. */
export function parseHardwarePorts(output: string, interfaceName: string): 'wired' | 'wireless' | 'other' {
  for (const block of output.split(/\n\s*\n/)) {
    if (/^Device: (\S+)$/m.exec(block)?.[1] !== interfaceName) continue;
    const port = /^Hardware Port: (.+)$/m.exec(block)?.[1] ?? '';
    if (/wi-?fi|airport/i.test(port)) return 'wireless';
    return /ethernet|lan/i.test(port) ? 'wired' : 'other';
  }
  return 'other';
}

/** `ipconfig getsummary`: newer systems hide the name from programs without leave to know the place. */
export function parseWifiSummary(output: string): string | null {
  const name = /^\s*SSID : (.+?)\s*$/m.exec(output)?.[1];
  return name === undefined || name === '<redacted>' ? null : name;
}
