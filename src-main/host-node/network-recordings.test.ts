import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NetworkDescription } from '../core/ports.ts';
import { describeMac } from './network-macos.ts';
import { describeWindows, parseNetworkAnswer } from './network-windows.ts';
import { describeLinux } from './node-network.ts';

// What the systems print where it is not as simple as one cable and one gateway.

const routeHead = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const arpHead = 'IP address       HW type     Flags       HW address            Mask     Device\n';

async function linux(files: Record<string, string>, answers: Record<string, string> = {}): Promise<NetworkDescription> {
  const root = await mkdtemp(join(tmpdir(), 'postrider-root-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return await describeLinux(root, async (command, args) => answers[[command, ...args].join(' ')]);
  } finally {
    await rm(root, { recursive: true });
  }
}

describe('Linux', () => {
  const lan = 'wlp3s0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n';
  const lanArp = `${arpHead}192.168.1.1      0x1         0x2         3c:a6:2f:00:11:22     *        wlp3s0\n`;

  test('a tunnel that takes everything by two halves of the world is where we are', async () => {
    const tunnel =
      'tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n' +
      'tun0\t00000080\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n';
    const description = await linux({
      'proc/net/route': routeHead + lan + tunnel,
      'proc/net/arp': lanArp,
      'etc/resolv.conf': 'search corp.example\n',
      'sys/class/net/tun0/tun_flags': '0x1001',
    });
    expect(description).toMatchObject({
      gatewayAddress: '10.8.0.1',
      gatewayMac: null,
      interfaceKind: 'other',
      dnsSuffix: 'corp.example',
      isOnline: true,
    });
  });

  test('a tunnel that took over the default itself has no gateway', async () => {
    const tunnel = 'wg0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0\n';
    expect(await linux({ 'proc/net/route': routeHead + lan + tunnel, 'proc/net/arp': lanArp })).toMatchObject({
      gatewayAddress: null,
      gatewayMac: null,
      interfaceKind: 'other',
      isOnline: true,
    });
  });

  test('a tunnel for one network only changes nothing', async () => {
    const tunnel = 'tun0\t0000000A\t0100080A\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n';
    expect(await linux({ 'proc/net/route': routeHead + tunnel + lan, 'proc/net/arp': lanArp })).toMatchObject({
      gatewayAddress: '192.168.1.1',
      gatewayMac: '3c:a6:2f:00:11:22',
    });
  });

  test('IPv6 alone: the router’s hardware address comes from its neighbours', async () => {
    const files = {
      'proc/net/route': routeHead,
      'proc/net/ipv6_route':
        '00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000064 00000001 00000000 00450003     eth0\n',
    };
    const ask = 'ip neigh show fe80::1 dev eth0';
    expect(await linux(files, { [ask]: 'fe80::1 lladdr 52:54:00:AB:cd:02 router REACHABLE \n' })).toMatchObject({
      gatewayAddress: 'fe80::1',
      gatewayMac: '52:54:00:ab:cd:02',
      isOnline: true,
    });
    expect(await linux(files, { [ask]: 'fe80::1 router FAILED \n' })).toMatchObject({ gatewayMac: null });
    expect(await linux(files)).toMatchObject({ gatewayAddress: 'fe80::1', gatewayMac: null });
  });

  test('no tool that tells the name of a wireless network: everything else is known', async () => {
    expect(
      await linux({
        'proc/net/route': routeHead + lan,
        'proc/net/arp': lanArp,
        'sys/class/net/wlp3s0/phy80211/name': 'phy0',
      }),
    ).toMatchObject({ interfaceKind: 'wireless', wifiName: null, gatewayMac: '3c:a6:2f:00:11:22' });
  });
});

describe('macOS', () => {
  const mac = (answers: Record<string, string>) =>
    describeMac(async (command, args) => answers[[command, ...args].join(' ')] ?? answers[command]);
  const ports = 'Hardware Port: Wi-Fi\nDevice: en0\nEthernet Address: aa:bb:cc:dd:ee:00\n';

  test('a tunnel, which has a link for a gateway', async () => {
    const route =
      '   route to: default\ndestination: default\n       mask: default\n    gateway: link#22\n  interface: utun4\n      flags: <UP,DONE,CLONING,STATIC,GLOBAL>\n';
    const dns = 'DNS configuration\n\nresolver #1\n  search domain[0] : corp.example\n  nameserver[0] : 10.8.0.1\n';
    expect(
      await mac({
        '/sbin/route -n get default': route,
        '/usr/sbin/scutil': dns,
        '/usr/sbin/networksetup': ports,
      }),
    ).toEqual({
      gatewayAddress: null,
      gatewayMac: null,
      dnsSuffix: 'corp.example',
      interfaceKind: 'other',
      wifiName: null,
      isOnline: true,
    });
  });

  test('IPv6 alone, without leave to know the name of the wireless network', async () => {
    const route =
      '   route to: ::\ndestination: ::\n       mask: default\n    gateway: fe80::3ea6:2fff:fe01:20a%en0\n  interface: en0\n      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>\n';
    const ndp =
      'Neighbor                                Linklayer Address  Netif Expire    St Flgs Prbs\n' +
      'fe80::1%lo0                             (incomplete)         lo0 permanent R      \n' +
      'fe80::3ea6:2fff:fe01:20a%en0            3c:a6:2f:1:2:a       en0 23h59m58s S  R   \n';
    expect(
      await mac({
        '/sbin/route -n get default': 'route: writing to routing socket: not in table\n',
        '/sbin/route -n get -inet6 default': route,
        '/usr/sbin/ndp -an': ndp,
        '/usr/sbin/networksetup': ports,
        '/usr/sbin/ipconfig': '<dictionary> {\n  InterfaceType : WiFi\n  SSID : <redacted>\n}\n',
      }),
    ).toEqual({
      gatewayAddress: 'fe80::3ea6:2fff:fe01:20a',
      gatewayMac: '3c:a6:2f:01:02:0a',
      dnsSuffix: null,
      interfaceKind: 'wireless',
      wifiName: null,
      isOnline: true,
    });
  });

  test('a gateway that has not answered yet', async () => {
    const route = '    gateway: 192.168.1.1\n  interface: en0\n';
    expect(
      await mac({ '/sbin/route -n get default': route, '/usr/sbin/arp': '? (192.168.1.1) at (incomplete) on en0\n' }),
    ).toMatchObject({ gatewayAddress: '192.168.1.1', gatewayMac: null });
  });
});

describe('Windows', () => {
  test('a German system: a profile that speaks first, names with umlauts', async () => {
    const output =
      'WARNUNG: Das Modul „PSReadLine“ wurde nicht geladen.\r\n' +
      '\uFEFF{"gateway":"192.168.178.1","mac":"3C-A6-2F-01-02-0A","suffix":"fritz.box","medium":"Native 802.11","name":"Büro-WLAN"}\r\n';
    expect(await describeWindows(async () => output)).toEqual({
      gatewayAddress: '192.168.178.1',
      gatewayMac: '3c:a6:2f:01:02:0a',
      dnsSuffix: 'fritz.box',
      interfaceKind: 'wireless',
      wifiName: 'Büro-WLAN',
      isOnline: true,
    });
  });

  test('asks for UTF-8 and for one of each, whatever the system has several of', async () => {
    const asked: string[] = [];
    await describeWindows(async (_command, args) => {
      asked.push(...args);
      return '';
    });
    const script = asked.at(-1) ?? '';
    expect(script).toContain('[Text.Encoding]::UTF8');
    expect(script.match(/Select-Object -First 1/g)).toHaveLength(5);
    expect(script).toContain('Sort-Object { $_.RouteMetric + $_.InterfaceMetric }');
  });

  test('a tunnel without a gateway, and IPv6 alone', () => {
    expect(
      parseNetworkAnswer(
        '{"gateway":"0.0.0.0","mac":null,"suffix":"corp.example","medium":"Unspecified","name":"VPN"}',
      ),
    ).toMatchObject({ gatewayAddress: null, interfaceKind: 'other', wifiName: null, isOnline: true });
    expect(
      parseNetworkAnswer('{"gateway":"fe80::1%12","mac":"52-54-00-AB-CD-02","suffix":"","medium":"802.3","name":"x"}'),
    ).toMatchObject({ gatewayAddress: 'fe80::1', gatewayMac: '52:54:00:ab:cd:02', dnsSuffix: null });
  });
});
