import type { NetworkDescription } from '../ports.ts';

type Facts = Omit<NetworkDescription, 'gatewayMac' | 'isOnline'>;

/** What an unnamed network is called. */
export function describeInWords(
  { isOnline }: { isOnline: boolean },
  { gatewayAddress, wifiName }: Pick<Facts, 'gatewayAddress' | 'wifiName'>,
): string {
  if (!isOnline) return 'Offline';
  if (wifiName !== null && wifiName !== '') return wifiName;
  return gatewayAddress === null ? 'Network without a gateway' : `Network at ${gatewayAddress}`;
}

const kinds = { wired: 'by cable', wireless: 'by Wi-Fi', other: 'by a tunnel or a virtual interface' } as const;

/** What a network was recognised by: "by Wi-Fi “Home”, gateway 192.168.1.1, DNS suffix home.arpa". */
export function factsInWords({ gatewayAddress, dnsSuffix, interfaceKind, wifiName }: Facts): string {
  const kind = interfaceKind === null ? null : kinds[interfaceKind];
  const name = wifiName === null || wifiName === '' ? null : `“${wifiName}”`;
  const parts = [
    [kind, name].filter((part) => part !== null).join(' '),
    gatewayAddress === null ? 'no gateway' : `gateway ${gatewayAddress}`,
    dnsSuffix === null ? '' : `DNS suffix ${dnsSuffix}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}
