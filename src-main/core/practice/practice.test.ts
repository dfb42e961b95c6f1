import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Pop3Command from 'node-pop3';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PracticeFaults } from '#shared/mail/setup.ts';
import { createResources } from '../../host-node/resources.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import type { PracticeService } from '../services.ts';
import { createPractice } from './practice.ts';

const quietLog = { info: () => {}, warn: () => {}, error: () => {} };
let profileDir: string;
let practice: PracticeService;

const create = () => createPractice({ clock: systemClock, log: quietLog, profileDir, resources: createResources() });

beforeEach(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'postrider-practice-'));
  practice = create();
});

afterEach(async () => {
  await practice.close();
  await rm(profileDir, { recursive: true, force: true });
});

async function send(port: number, options: { text?: string; auth?: { user: string; pass: string } } = {}) {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    auth: options.auth,
    greetingTimeout: 2000,
  });
  try {
    return await transport.sendMail({
      from: 'you@practice.postrider.test',
      to: 'you@practice.postrider.test',
      subject: 'To myself',
      text: options.text ?? 'Hello',
    });
  } finally {
    transport.close();
  }
}

async function subjectsInMaildrop(port: number): Promise<string[]> {
  const client = new Pop3Command({ host: '127.0.0.1', port, user: 'practice', password: 'practice' });
  const list = await client.UIDL();
  const found: string[] = [];
  for (const [number] of list) {
    const header = String(await client.TOP(Number(number), 0));
    found.push(/^Subject: (.*)$/im.exec(header)?.[1]?.trim() ?? '');
  }
  await client.QUIT();
  return found;
}

test('a second client finds the sample mail', async () => {
  const { maildrop } = await practice.start();
  const subjects = await subjectsInMaildrop(maildrop.port);
  expect(subjects).toHaveLength(13);
  expect(subjects.at(-1)).toBe('Welcome to the practice mailbox');
});

test('the first relay refuses the sender, the second takes it, and it arrives in the maildrop', async () => {
  const { first, second, maildrop } = await practice.start();
  await expect(send(first.port)).rejects.toMatchObject({ responseCode: 550, command: 'MAIL FROM' });
  await send(second.port);
  expect(practice.received()).toMatchObject([
    {
      server: 'Practice relay 2',
      from: 'you@practice.postrider.test',
      to: ['you@practice.postrider.test'],
      subject: 'To myself',
    },
  ]);
  expect((await subjectsInMaildrop(maildrop.port)).at(-1)).toBe('To myself');
});

test('ports, mail and what was deleted stay over a restart', async () => {
  const before = await practice.start();
  await send(before.second.port);
  await practice.close();
  practice = create();
  const after = await practice.start();
  expect(after).toEqual(before);
  expect(await subjectsInMaildrop(after.maildrop.port)).toHaveLength(14);
  expect(JSON.parse(await readFile(join(profileDir, 'practice.json'), 'utf8'))).toEqual({
    maildrop: before.maildrop.port,
    first: before.first.port,
    second: before.second.port,
  });
});

test('a port taken in the meantime: another is found', async () => {
  const before = await practice.start();
  const other = createPractice({
    clock: systemClock,
    log: quietLog,
    profileDir,
    resources: createResources(),
  });
  const after = await other.start();
  expect(after.maildrop.port).not.toBe(before.maildrop.port);
  await other.close();
});

describe('faults of a relay, switched while it runs', () => {
  const faults: [PracticeFaults['second'], Record<string, unknown>][] = [
    ['refuses-sender', { responseCode: 550 }],
    ['port-closed', { code: 'ESOCKET' }],
    ['busy-421', { responseCode: 421 }],
    ['wrong-password', { responseCode: 530 }],
    ['drops-after-final-dot', { code: 'ECONNECTION' }],
    ['black-hole', { code: 'ETIMEDOUT' }],
  ];
  test.each(faults)('%s', async (fault, error) => {
    const { second } = await practice.start();
    await practice.setFaults({ second: fault });
    await expect(send(second.port)).rejects.toMatchObject(error);
    await practice.setFaults({ second: 'none' });
    await expect(send(second.port)).resolves.toMatchObject({ rejected: [] });
  });

  test('size-limit refuses what is larger and takes what is smaller', async () => {
    const { second } = await practice.start();
    await practice.setFaults({ second: 'size-limit' });
    await expect(send(second.port, { text: 'x'.repeat(20_000) })).rejects.toMatchObject({ responseCode: 552 });
    await expect(send(second.port)).resolves.toMatchObject({ rejected: [] });
  });

  test('drops-after-final-dot has taken the message: sending it again would double it', async () => {
    const { second } = await practice.start();
    await practice.setFaults({ second: 'drops-after-final-dot' });
    await expect(send(second.port)).rejects.toThrow();
    expect(practice.received()).toHaveLength(1);
  });

  test('wrong-password refuses the right one', async () => {
    const { second } = await practice.start();
    await practice.setFaults({ second: 'wrong-password' });
    const auth = { user: 'practice', pass: 'practice' };
    await expect(send(second.port, { auth })).rejects.toMatchObject({ responseCode: 535 });
    await practice.setFaults({ second: 'none' });
    await expect(send(second.port, { auth })).resolves.toMatchObject({ rejected: [] });
  });

  test('starttls-missing hides STARTTLS', async () => {
    const { second } = await practice.start();
    expect(await ehlo(second.port)).toContain('STARTTLS');
    await practice.setFaults({ second: 'starttls-missing' });
    expect(await ehlo(second.port)).not.toContain('STARTTLS');
  });
});

function ehlo(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      if (/^220 /m.test(heard) && !heard.includes('250')) socket.write('EHLO client.test\r\n');
      if (/^250 /m.test(heard)) {
        socket.destroy();
        resolve(heard);
      }
    });
  });
}
