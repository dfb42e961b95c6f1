import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { untilGatewayIsKnown } from './gateway-address.ts';
import { parseArpTable, parseIpv6Routes, parseResolvConf, parseRouteTable } from './network-linux.ts';
import { describeMac } from './network-macos.ts';
import { describeWindows, parseNetworkAnswer } from './network-windows.ts';
import { describeLinux, nodeNetwork } from './node-network.ts';

const routeTable = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlp3s0	00000000	0101A8C0	0003	0	0	600	00000000	0	0	0
enp0s31f6	00000000	FE02A8C0	0003	0	0	100	00000000	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
enp0s31f6	0002A8C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
`;
const arpTable = `IP address       HW type     Flags       HW address            Mask     Device
192.168.2.17     0x1         0x2         aa:bb:cc:00:11:22     *        enp0s31f6
192.168.2.254    0x1         0x2         38:10:D5:AA:BB:CC     *        enp0s31f6
192.168.1.1      0x1         0x0         00:00:00:00:00:00     *        wlp3s0
`;
const ipv6Table = `00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe80000000000000021122fffe334455 00000400 00000001 00000000 00450003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

test('reads Linux’s routes, the one of the smallest metric first', () => {
  expect(parseRouteTable(routeTable)).toMatchObject({ interfaceName: 'enp0s31f6', gatewayAddress: '192.168.2.254' });
  expect(parseRouteTable('')).toBeNull();
  expect(parseRouteTable('Iface Destination\ngarbage\n\0')).toBeNull();
  expect(parseIpv6Routes(ipv6Table)).toMatchObject({
    interfaceName: 'eth0',
    gatewayAddress: 'fe80::211:22ff:fe33:4455',
  });
});

test('reads the gateway’s hardware address when it is known', () => {
  const route = { interfaceName: 'enp0s31f6', gatewayAddress: '192.168.2.254' };
  expect(parseArpTable(arpTable, route)).toBe('38:10:d5:aa:bb:cc');
  expect(parseArpTable(arpTable, { interfaceName: 'wlp3s0', gatewayAddress: '192.168.1.1' })).toBeNull();
  expect(parseArpTable(arpTable, { ...route, interfaceName: 'wlp3s0' })).toBeNull();
});

test('reads the network’s domain', () => {
  expect(parseResolvConf('# by dhcp\nnameserver 10.0.0.1\ndomain old.example\nsearch Office.Example. lab\n')).toBe(
    'office.example',
  );
  expect(parseResolvConf('search .\n')).toBeNull();
  expect(parseResolvConf('nameserver 1.1.1.1')).toBeNull();
});

test('describes a Linux machine from its files', async () => {
  const root = await mkdtemp(join(tmpdir(), 'postrider-root-'));
  const files = {
    'proc/net/route': routeTable.replace('\t100\t00000000', '\t900\t00000000'),
    'proc/net/arp': arpTable.replace('0x0         00:00:00:00:00:00', '0x2         de:ad:be:ef:00:01'),
    'etc/resolv.conf': 'search cafe.example\n',
    'sys/class/net/wlp3s0/wireless/x': '',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const run = async (command: string) => (command === 'nmcli' ? 'no:Other\nyes:Caf\\: Central\n' : undefined);
  expect(await describeLinux(root, run)).toEqual({
    gatewayAddress: '192.168.1.1',
    gatewayMac: 'de:ad:be:ef:00:01',
    dnsSuffix: 'cafe.example',
    interfaceKind: 'wireless',
    wifiName: 'Caf: Central',
    isOnline: true,
  });
  await rm(root, { recursive: true });
  expect(await describeLinux(root, run)).toEqual({
    gatewayAddress: null,
    gatewayMac: null,
    dnsSuffix: null,
    interfaceKind: null,
    wifiName: null,
    isOnline: false,
  });
});

const macAnswers: Record<string, string> = {
  '/sbin/route': `   route to: default
destination: default
       mask: default
    gateway: 192.168.178.1
  interface: en0
      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>
`,
  '/usr/sbin/arp': '? (192.168.178.1) at 3c:a6:2f:1:2:a on en0 ifscope [ethernet]\n',
  '/usr/sbin/scutil': `DNS configuration

resolver #1
  search domain[0] : fritz.box
  nameserver[0] : 192.168.178.1

resolver #2
  domain   : local
`,
  '/usr/sbin/networksetup': `
Hardware Port: Ethernet
Device: en1
Ethernet Address: aa:bb:cc:dd:ee:ff

Hardware Port: Wi-Fi
Device: en0
Ethernet Address: aa:bb:cc:dd:ee:00
`,
  '/usr/sbin/ipconfig': '<dictionary> {\n  InterfaceType : WiFi\n  SSID : Home sweet home\n}\n',
};

test('describes a Mac from what its commands print', async () => {
  expect(await describeMac(async (command) => macAnswers[command])).toEqual({
    gatewayAddress: '192.168.178.1',
    gatewayMac: '3c:a6:2f:01:02:0a',
    dnsSuffix: 'fritz.box',
    interfaceKind: 'wireless',
    wifiName: 'Home sweet home',
    isOnline: true,
  });
  expect(await describeMac(async () => undefined)).toMatchObject({ isOnline: false, gatewayAddress: null });
});

test('describes a Windows machine from PowerShell’s JSON', async () => {
  const json =
    '{"gateway":"10.1.0.1","mac":"00-15-5D-01-02-03","suffix":"Corp.Example","medium":"Native 802.11","name":"corp-wifi"}';
  expect(await describeWindows(async () => json)).toEqual({
    gatewayAddress: '10.1.0.1',
    gatewayMac: '00:15:5d:01:02:03',
    dnsSuffix: 'corp.example',
    interfaceKind: 'wireless',
    wifiName: 'corp-wifi',
    isOnline: true,
  });
  expect(parseNetworkAnswer('{"gateway":"10.1.0.1","mac":null,"suffix":"","medium":"802.3","name":"x"}')).toMatchObject(
    {
      interfaceKind: 'wired',
      dnsSuffix: null,
      wifiName: null,
    },
  );
  for (const output of ['', 'not JSON', '{"gateway":null}', '[]']) {
    expect(parseNetworkAnswer(output).isOnline).toBe(false);
  }
});

test('describes this machine, and stops when told', async () => {
  expect(Object.values(nodeNetwork.interfaces()).flat()).toContainEqual(expect.objectContaining({ internal: true }));
  expect(await nodeNetwork.describe(AbortSignal.timeout(10_000))).toHaveProperty('isOnline');
  await expect(nodeNetwork.describe(AbortSignal.abort())).rejects.toThrow();
});

test('a gateway that was not talked to yet is made to tell its hardware address', async () => {
  const known = {
    gatewayAddress: '192.168.1.1',
    gatewayMac: '02:00:00:00:00:01',
    dnsSuffix: null,
    interfaceKind: null,
    wifiName: null,
    isOnline: true,
  };
  const { signal } = new AbortController();
  const knocks: string[] = [];
  let looks = 0;
  const describe = async () => {
    looks += 1;
    return knocks.length > 0 && looks > 2 ? known : { ...known, gatewayMac: null };
  };
  const knock = async (address: string) => void knocks.push(address);
  expect(await untilGatewayIsKnown(describe, knock, signal)).toEqual(known);
  expect([knocks, looks]).toEqual([['192.168.1.1'], 3]);
  expect(await untilGatewayIsKnown(async () => known, knock, signal)).toEqual(known);
  const offline = { ...known, gatewayAddress: null, gatewayMac: null };
  expect(await untilGatewayIsKnown(async () => offline, knock, signal)).toEqual(offline);
  const noAnswer = { ...known, gatewayMac: null };
  expect(await untilGatewayIsKnown(async () => noAnswer, knock, signal)).toEqual(noAnswer);
  expect(knocks).toHaveLength(2);
});
