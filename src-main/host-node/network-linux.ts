/** The files of Linux's `/proc/net`, read. */

export interface DefaultRoute {
  readonly interfaceName: string;
  /** Null on a point-to-point link, which has no gateway. */
  readonly gatewayAddress: string | null;
}

const routeIsUp = 0x1;
const routeIsGateway = 0x2;
const routeIsReject = 0x200;

/**
 * The default route of the smallest metric in `/proc/net/route`; null when there is none. A tunnel that takes everything
 * leaves the default alone and puts two halves of the world before it (0.0.0.0/1 and 128.0.0.0/1): the halves win.
 */
export function parseRouteTable(text: string): DefaultRoute | null {
  const rows = text.split('\n').slice(1).flatMap(parseRoute);
  return rows.sort((a, b) => Number(b.isHalf) - Number(a.isHalf) || a.metric - b.metric)[0] ?? null;
}

const wholeWorld = '00000000';
/** 128.0.0.0, least octet first. */
const halfWorld = '00000080';

function parseRoute(line: string): (DefaultRoute & { metric: number; isHalf: boolean })[] {
  const [interfaceName, destination, gateway, flagsText, , , metric, mask] = line.trim().split(/\s+/);
  if (interfaceName === undefined || destination !== wholeWorld) return [];
  if (mask !== wholeWorld && mask !== halfWorld) return [];
  const flags = Number.parseInt(flagsText ?? '', 16);
  if ((flags & routeIsUp) === 0 || (flags & routeIsReject) !== 0) return [];
  const gatewayAddress = (flags & routeIsGateway) !== 0 && gateway !== undefined ? ipv4FromHex(gateway) : null;
  return [{ interfaceName, gatewayAddress, metric: Number(metric ?? 0), isHalf: mask === halfWorld }];
}

/** `/proc` prints an IPv4 address as one 32-bit number in the machine's own order, which is little-endian wherever this runs. */
function ipv4FromHex(hex: string): string | null {
  const octets = hex.match(/../g);
  if (octets === null || octets.length !== 4) return null;
  return octets
    .reverse()
    .map((octet) => Number.parseInt(octet, 16))
    .join('.');
}

/** The default route of the smallest metric in `/proc/net/ipv6_route`; null when there is none. */
export function parseIpv6Routes(text: string): DefaultRoute | null {
  const rows = text.split('\n').flatMap((line) => {
    const [destination, prefix, , , nextHop, metric, , , flagsText, interfaceName] = line.trim().split(/\s+/);
    const flags = Number.parseInt(flagsText ?? '', 16);
    if (destination !== '0'.repeat(32) || prefix !== '00' || interfaceName === undefined || interfaceName === 'lo') {
      return [];
    }
    if ((flags & routeIsUp) === 0 || (flags & routeIsReject) !== 0) return [];
    const gatewayAddress = (flags & routeIsGateway) !== 0 ? ipv6FromHex(nextHop ?? '') : null;
    return [{ interfaceName, gatewayAddress, metric: Number.parseInt(metric ?? '0', 16) }];
  });
  return rows.sort((a, b) => a.metric - b.metric)[0] ?? null;
}

function ipv6FromHex(hex: string): string | null {
  const groups = hex.match(/.{4}/g);
  if (groups === null || groups.length !== 8) return null;
  // The URL parser writes an IPv6 address in its shortest form (RFC 5952).
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** The hardware address of the route's gateway in `/proc/net/arp`; null when it is not (completely) known. */
export function parseArpTable(text: string, route: DefaultRoute): string | null {
  for (const line of text.split('\n').slice(1)) {
    const [address, , flags, mac, , device] = line.trim().split(/\s+/);
    if (address !== route.gatewayAddress || device !== route.interfaceName) continue;
    if (flags === '0x0' || mac === undefined || mac === '00:00:00:00:00:00') continue;
    return mac.toLowerCase();
  }
  return null;
}

/** The hardware address in what `ip neigh show ADDRESS dev DEVICE` prints; null when it is not known. */
export function parseNeighbour(output: string): string | null {
  const mac = /\blladdr ([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b/i.exec(output)?.[1];
  return mac === undefined || /^00(:00)+$/.test(mac) ? null : mac.toLowerCase();
}

/** The first search domain of a `resolv.conf`, where the last `search` or `domain` line counts; null when there is none. */
export function parseResolvConf(text: string): string | null {
  const lines = text.split('\n').flatMap((line) => /^(?:search|domain)\s+(\S+)/.exec(line)?.[1] ?? []);
  const suffix = lines.at(-1)?.replace(/\.$/, '').toLowerCase();
  return suffix === undefined || suffix === '' ? null : suffix;
}
