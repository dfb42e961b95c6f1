import { z } from 'zod';
import type { NetworkDescription } from '../core/ports.ts';
import type { Run } from './network-macos.ts';

/** One question to PowerShell, answered as JSON, which no display language changes. */
const script = `
$ErrorActionPreference = 'SilentlyContinue'
[Console]::OutputEncoding = [Text.Encoding]::UTF8
$route = Get-NetRoute -DestinationPrefix '0.0.0.0/0','::/0' | Sort-Object { $_.RouteMetric + $_.InterfaceMetric } | Select-Object -First 1
$adapter = Get-NetAdapter -InterfaceIndex $route.InterfaceIndex | Select-Object -First 1
$neighbor = Get-NetNeighbor -InterfaceIndex $route.InterfaceIndex -IPAddress $route.NextHop | Select-Object -First 1
$profile = Get-NetConnectionProfile -InterfaceIndex $route.InterfaceIndex | Select-Object -First 1
$dns = Get-DnsClient -InterfaceIndex $route.InterfaceIndex | Select-Object -First 1
@{
  gateway = $route.NextHop
  mac = $neighbor.LinkLayerAddress
  suffix = $dns.ConnectionSpecificSuffix
  medium = [string]$adapter.PhysicalMediaType
  name = $profile.Name
} | ConvertTo-Json -Compress
`;

const text = z.string().nullish();
const Answer = z.object({ gateway: text, mac: text, suffix: text, medium: text, name: text });
const nowhere: NetworkDescription = {
  gatewayAddress: null,
  gatewayMac: null,
  dnsSuffix: null,
  interfaceKind: null,
  wifiName: null,
  isOnline: false,
};

/** Windows by PowerShell. */
export async function describeWindows(run: Run): Promise<NetworkDescription> {
  const args = ['-NoProfile', '-NonInteractive', '-Command', script];
  return parseNetworkAnswer((await run('powershell.exe', args)) ?? '');
}

/** The script's JSON. */
export function parseNetworkAnswer(output: string): NetworkDescription {
  const answer = readAnswer(output);
  if (answer === undefined || !answer.gateway) return nowhere;
  // An IPv6 gateway comes with the number of its interface, which is no part of it.
  const gateway = answer.gateway.split('%')[0] ?? '';
  const isWireless = /802\.11|wireless/i.test(answer.medium ?? '');
  const isWired = /802\.3/.test(answer.medium ?? '');
  return {
    // A link without a gateway shows as the unspecified address.
    gatewayAddress: gateway === '0.0.0.0' || gateway === '::' ? null : gateway,
    gatewayMac: parseMac(answer.mac ?? ''),
    dnsSuffix: answer.suffix ? answer.suffix.toLowerCase() : null,
    interfaceKind: isWireless ? 'wireless' : isWired ? 'wired' : 'other',
    // Windows names the profile of a wireless network after its SSID.
    wifiName: isWireless ? (answer.name ?? null) : null,
    isOnline: true,
  };
}

function readAnswer(output: string): z.infer<typeof Answer> | undefined {
  // A profile of the user's may print before it, in any language; what we asked for is the line that is an object.
  const line = output.split(/\r?\n/).findLast((one) =>
    one
      .trimStart()
      .replace(/^\uFEFF/, '')
      .startsWith('{'),
  );
  try {
    return Answer.parse(JSON.parse((line ?? '').trim().replace(/^\uFEFF/, '')));
  } catch {
    return undefined;
  }
}

function parseMac(mac: string): string | null {
  return /^[0-9a-f]{2}(-[0-9a-f]{2}){5}$/i.test(mac) && !/^00(-00)+$/.test(mac)
    ? mac.replaceAll('-', ':').toLowerCase()
    : null;
}
