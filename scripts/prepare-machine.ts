// Brings what `npm test` needs beside npm's packages: a browser, and the real mail servers the interoperability tests
// start for themselves on loopback.
import { findBrowser } from '../src-main/host-browser/find-browser.ts';
import { aptInstall, mayInstall } from './lib/apt.ts';
import { hasProgram } from './lib/programs.ts';

interface Need {
  readonly what: string;
  readonly packages: readonly string[];
  readonly isThere: () => boolean;
  /** Tests that want it are left out where it is missing. */
  readonly isOptional?: boolean;
}

const needs: readonly Need[] = [
  { what: 'Chromium, Chrome or Edge', packages: ['chromium'], isThere: () => findBrowser() !== null },
  { what: 'Dovecot', packages: ['dovecot-core', 'dovecot-pop3d'], isThere: () => hasProgram('dovecot') },
  { what: 'Postfix', packages: ['postfix'], isThere: () => hasProgram('postfix') },
  { what: 'strace', packages: ['strace'], isThere: () => hasProgram('strace'), isOptional: true },
  // Two networks and a laptop between them, of namespaces: only root may make them.
  { what: 'ip', packages: ['iproute2'], isThere: () => hasProgram('ip'), isOptional: true },
  { what: 'iptables', packages: ['iptables'], isThere: () => hasProgram('iptables'), isOptional: true },
  { what: 'dnsmasq', packages: ['dnsmasq-base'], isThere: () => hasProgram('dnsmasq'), isOptional: true },
  { what: 'mutt', packages: ['mutt'], isThere: () => hasProgram('mutt'), isOptional: true },
];

/** Installs what is missing when it may; answers what is still missing, as sentences. */
export async function prepareMachine(): Promise<{ missing: string[]; notes: string[] }> {
  const absent = (): Need[] => needs.filter((need) => !need.isThere());
  const packages = absent().flatMap((need) => need.packages);
  if (packages.length > 0 && mayInstall()) {
    console.error(`Installing ${packages.join(', ')}.`);
    await aptInstall(packages);
  }
  const sentences = (list: Need[]): string[] =>
    list.map(({ what, packages }) => `${what} is missing. On Debian: apt-get install ${packages.join(' ')}`);
  return {
    missing: sentences(absent().filter(({ isOptional }) => isOptional !== true)),
    notes: sentences(absent().filter(({ isOptional }) => isOptional === true)),
  };
}

if (import.meta.main) {
  const { missing, notes } = await prepareMachine();
  for (const line of [...missing, ...notes]) console.error(line);
  process.exitCode = missing.length > 0 ? 1 : 0;
  if (missing.length === 0) console.error('This machine has what the tests need.');
}
