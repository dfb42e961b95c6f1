import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Settings } from '#shared/mail/settings.ts';
import { sha256 } from '../../core/incoming/testing/maildrops.ts';
import type { Command } from './command.ts';
import { credentials } from './kill-box.ts';

/** What stands between the server and the folder a message belongs in. */
export interface FilingScenario {
  /** Large messages come by their beginning, and whole when asked for. */
  readonly isLarge: boolean;
  /** A scanner judges each message; what it rejects stays in Quarantine. */
  readonly isScanned: boolean;
  /** A maildrop of several people is sorted by recipient, and rules move, copy and flag. */
  readonly isSorted: boolean;
}

export const filingScenarios = {
  large: { isLarge: true, isScanned: false, isSorted: false },
  scanned: { isLarge: false, isScanned: true, isSorted: false },
  sorted: { isLarge: false, isScanned: false, isSorted: true },
  'large, scanned and sorted': { isLarge: true, isScanned: true, isSorted: true },
} as const satisfies Record<string, FilingScenario>;
export const filingScenarioNames = ['large', 'scanned', 'sorted', 'large, scanned and sorted'] as const;

/** One message the server was given, and where it belongs in the end. */
export interface FilingMessage {
  readonly number: number;
  readonly uniqueId: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: string;
  readonly isLarge: boolean;
  readonly isInfected: boolean;
  /** Where it is filed first, where it ends, and where else a copy of it goes. */
  readonly filed: string;
  readonly target: string;
  readonly copy: string | null;
}

const maxOctets = 10_000;
const largeLines = 400;
const recipients = ['anna@a.example', 'someone@b.example', 'nobody@c.example'] as const;
const routed = ['Anna', 'Bees', 'Unsorted'] as const;
const quarantine = 'Quarantine';

/** The so-many-th message of a scenario: of every size, for every recipient, some for the rules, some infected. */
export function filingMessage(scenario: FilingScenario, number: number, random: () => number): FilingMessage {
  const isLarge = scenario.isLarge && random() < 0.5;
  const isInfected = scenario.isScanned && random() < 0.3;
  const recipient = Math.floor(random() * recipients.length);
  const subject = ['A bill', 'The paper', 'Hello', 'Hello'][Math.floor(random() * 4)] ?? '';
  const header = `From: b@b.example\r\nDelivered-To: ${recipients[recipient]}\r\nSubject: ${subject} ${number}\r\nMessage-ID: <${number}@t>\r\n`;
  const line = `.${number} ${'x'.repeat(70)}\r\n`;
  // Past the beginning, so that only the whole message gives itself away.
  const end = isInfected ? 'infected\r\n' : 'Bye\r\n';
  const bytes = new Uint8Array(Buffer.from(`${header}\r\n${line.repeat(isLarge ? largeLines : 3)}${end}`, 'latin1'));
  const filed = scenario.isSorted ? (routed[recipient] ?? '') : 'Inbox';
  const isBill = scenario.isSorted && subject === 'A bill';
  const isPaper = scenario.isSorted && subject === 'The paper';
  return {
    number,
    uniqueId: `u${number}`,
    bytes,
    digest: sha256(bytes),
    isLarge,
    isInfected,
    filed,
    target: isInfected ? quarantine : isBill ? 'Bills' : filed,
    copy: isPaper && !isInfected ? 'Papers' : null,
  };
}

/** Where a message may lie while it is on its way. */
export function placesOf(scenario: FilingScenario, message: FilingMessage): readonly string[] {
  if (message.isInfected) return [quarantine];
  return [message.filed, message.target, ...(scenario.isScanned ? [quarantine] : [])];
}

/** The number in the Message-ID. */
export function numberIn(bytes: Uint8Array): number {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 500)).toString('latin1');
  return Number(/^Message-ID: <(\d+)@t>\r$/m.exec(head)?.[1]);
}

const Added = z.object({ id: z.string() });

/** An account of this scenario on a profile that has none, with what it needs of scanner and rules. */
export async function setUpFiling(
  postrider: Command,
  scenario: FilingScenario,
  { port, scanner, env = {} }: { port: number; scanner: string; env?: Readonly<Record<string, string>> | undefined },
): Promise<void> {
  const account = {
    label: 'Filed',
    host: '127.0.0.1',
    port,
    security: 'none',
    ...credentials,
    auth: 'user-pass',
    retention: { kind: 'delete' },
    ...(scenario.isLarge ? { maxOctets } : {}),
    ...(scenario.isSorted ? { multidrop: { fields: [], routes } } : {}),
  };
  const added = await postrider.run(['account', 'add', '--json'], { stdin: JSON.stringify(account), env: { ...env } });
  if (added.code !== 0) throw new Error(`${added.stdout}${added.stderr}`);
  Added.parse(added.json());
  await changeSettings(postrider.profileDir, (settings) => ({
    ...settings,
    ...(scenario.isScanned
      ? { scanner: { ...settings.scanner, isEnabled: true, command: scanner, arguments: ['{file}'] } }
      : {}),
    ...(scenario.isSorted ? { rules: z.array(z.unknown()).parse(rules) } : {}),
  }));
}

/** The same profile, whose server listens somewhere else now. */
export function pointTo(profileDir: string, port: number): Promise<void> {
  return changeSettings(profileDir, (settings) => ({
    ...settings,
    accounts: settings.accounts.map((account) => ({ ...account, port })),
  }));
}

async function changeSettings(profileDir: string, change: (settings: Settings) => object): Promise<void> {
  const path = join(profileDir, 'settings.json');
  const settings = Settings.parse(JSON.parse(await readFile(path, 'utf8')));
  await writeFile(path, JSON.stringify(Settings.parse(change(settings))));
}

const routes = [
  { match: 'anna@a.example', folder: 'Anna' },
  { match: '@b.example', folder: 'Bees' },
];
const subjectHas = (value: string) => [{ kind: 'text', field: 'subject', how: 'contains', value }];
const rules = [
  { id: 'bills', name: 'Bills', conditions: subjectHas('bill'), actions: [{ kind: 'move', folder: 'Bills' }] },
  {
    id: 'papers',
    name: 'Papers',
    conditions: subjectHas('paper'),
    actions: [{ kind: 'copy', folder: 'Papers' }, { kind: 'tag', tag: 'Paper' }, { kind: 'flag' }],
  },
];
