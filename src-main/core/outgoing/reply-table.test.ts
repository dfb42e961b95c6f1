import { afterEach, describe, expect, it } from 'vitest';
import type { AttemptOutcome, AttemptStage, RecipientState } from '#shared/mail/outbox.ts';
import type { Remember } from './classify-reply.ts';
import { closeAll, harness, start } from './testing/delivery-harness.ts';
import type { Script } from './testing/scripted-smtp.ts';
import { serverAt } from './testing/servers.ts';

afterEach(closeAll);

/**
 * Every cell of the reply table through a real dialogue: the first server says it, a polite one stands behind it.
 * `whom`: whether the second server gets the message.
 */
interface Cell {
  readonly script: Script;
  readonly stage: AttemptStage;
  readonly outcome: AttemptOutcome;
  readonly whom: 'second server' | 'nobody else';
  readonly state: RecipientState;
  readonly remember: Remember | null;
}

const goesOn = { whom: 'second server', state: 'accepted' } as const;
const signIn: Script = { offers: ['AUTH PLAIN'] };

const cells: Record<string, Cell> = {
  'greeting 421': {
    script: { greeting: '421 busy' },
    stage: 'greeting',
    outcome: 'transient',
    ...goesOn,
    remember: 'cool-down',
  },
  'greeting 450': {
    script: { greeting: '450 no' },
    stage: 'greeting',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'greeting 554': {
    script: { greeting: '554 no service' },
    stage: 'greeting',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'greeting 554 about this host': {
    script: { greeting: '554 5.7.1 Your IP is on a blocklist' },
    stage: 'greeting',
    outcome: 'permanent',
    ...goesOn,
    remember: 'blocked',
  },
  'greeting drop': {
    script: { greeting: 'drop' },
    stage: 'greeting',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'greeting garbage': {
    script: { greeting: 'SSH-2.0-OpenSSH' },
    stage: 'greeting',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'greeting silence': {
    script: { greeting: 'silence' },
    stage: 'greeting',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'EHLO 421': { script: { ehlo: '421 busy' }, stage: 'ehlo', outcome: 'transient', ...goesOn, remember: 'cool-down' },
  'EHLO 550': { script: { ehlo: '550 no' }, stage: 'ehlo', outcome: 'unreachable', ...goesOn, remember: 'cool-down' },
  'EHLO drop': { script: { ehlo: 'drop' }, stage: 'ehlo', outcome: 'unreachable', ...goesOn, remember: 'cool-down' },
  'EHLO silence': {
    script: { ehlo: 'silence' },
    stage: 'ehlo',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'AUTH 535': {
    script: { ...signIn, auth: '535 5.7.8 wrong' },
    stage: 'auth',
    outcome: 'permanent',
    ...goesOn,
    remember: 'auth-failed',
  },
  'AUTH 454': {
    script: { ...signIn, auth: '454 4.7.0 later' },
    stage: 'auth',
    outcome: 'transient',
    ...goesOn,
    remember: 'cool-down',
  },
  'AUTH 535 4.7.0': {
    script: { ...signIn, auth: '535 4.7.0 too many' },
    stage: 'auth',
    outcome: 'transient',
    ...goesOn,
    remember: 'cool-down',
  },
  'AUTH 530': {
    script: { ...signIn, auth: '530 STARTTLS first' },
    stage: 'auth',
    outcome: 'permanent',
    ...goesOn,
    remember: 'auth-failed',
  },
  'AUTH 534': {
    script: { ...signIn, auth: '534 5.7.9 too weak' },
    stage: 'auth',
    outcome: 'permanent',
    ...goesOn,
    remember: 'auth-failed',
  },
  'AUTH 538': {
    script: { ...signIn, auth: '538 encrypt' },
    stage: 'auth',
    outcome: 'permanent',
    ...goesOn,
    remember: 'auth-failed',
  },
  'AUTH 421': {
    script: { ...signIn, auth: '421 bye' },
    stage: 'auth',
    outcome: 'transient',
    ...goesOn,
    remember: 'cool-down',
  },
  'AUTH drop': {
    script: { ...signIn, auth: 'drop' },
    stage: 'auth',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'AUTH silence': {
    script: { ...signIn, auth: 'silence' },
    stage: 'auth',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'MAIL 421': { script: { mail: '421 bye' }, stage: 'mail', outcome: 'transient', ...goesOn, remember: 'cool-down' },
  'MAIL 451': {
    script: { mail: '451 4.3.0 later' },
    stage: 'mail',
    outcome: 'transient',
    ...goesOn,
    remember: 'cool-down',
  },
  'MAIL 550': {
    script: { mail: '550 no' },
    stage: 'mail',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-sender',
  },
  'MAIL 530': {
    script: { mail: '530 5.7.0 authenticate' },
    stage: 'mail',
    outcome: 'permanent',
    ...goesOn,
    remember: 'auth-failed',
  },
  'MAIL 552': {
    script: { mail: '552 too big' },
    stage: 'mail',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-size',
  },
  'MAIL 554 5.3.4': {
    script: { mail: '554 5.3.4 too big' },
    stage: 'mail',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-size',
  },
  'MAIL 554 about this host': {
    script: { mail: '554 5.7.1 Client host [1.2.3.4] blocked using zen.spamhaus.org' },
    stage: 'mail',
    outcome: 'permanent',
    ...goesOn,
    remember: 'blocked',
  },
  'MAIL drop': { script: { mail: 'drop' }, stage: 'mail', outcome: 'unreachable', ...goesOn, remember: 'cool-down' },
  'MAIL silence': {
    script: { mail: 'silence' },
    stage: 'mail',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'RCPT 421': { script: { rcpt: '421 bye' }, stage: 'rcpt', outcome: 'transient', ...goesOn, remember: 'cool-down' },
  'RCPT 450': { script: { rcpt: '450 4.2.1 grey' }, stage: 'rcpt', outcome: 'transient', ...goesOn, remember: null },
  'RCPT 550 5.1.1': {
    script: { rcpt: '550 5.1.1 unknown' },
    stage: 'rcpt',
    outcome: 'permanent',
    whom: 'nobody else',
    state: 'refused',
    remember: null,
  },
  'RCPT 552 5.2.2': {
    script: { rcpt: '552 5.2.2 full' },
    stage: 'rcpt',
    outcome: 'permanent',
    whom: 'nobody else',
    state: 'refused',
    remember: null,
  },
  'RCPT 550 5.2.3': {
    script: { rcpt: '550 5.2.3 too long' },
    stage: 'rcpt',
    outcome: 'permanent',
    whom: 'nobody else',
    state: 'refused',
    remember: null,
  },
  'RCPT 550 bare': {
    script: { rcpt: '550 no' },
    stage: 'rcpt',
    outcome: 'permanent',
    whom: 'nobody else',
    state: 'refused',
    remember: null,
  },
  'RCPT 554 5.7.1 relaying': {
    script: { rcpt: '554 5.7.1 <b@b.example>: Relay access denied' },
    stage: 'rcpt',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-relaying',
  },
  'RCPT 550 relaying in words': {
    script: { rcpt: '550 relaying denied' },
    stage: 'rcpt',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-relaying',
  },
  'RCPT 550 5.7.1 bare': {
    script: { rcpt: '550 5.7.1 Access denied' },
    stage: 'rcpt',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-recipient-domain',
  },
  'RCPT 550 sign-in wanted': {
    script: { rcpt: '550 5.7.1 Authentication required' },
    stage: 'rcpt',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-relaying',
  },
  'RCPT 554 5.7.1 sender in words': {
    script: { rcpt: '554 5.7.1 <a@a.example>: Sender address rejected: Access denied' },
    stage: 'rcpt',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-sender',
  },
  'RCPT 553 5.1.8': {
    script: { rcpt: '553 5.1.8 sender domain' },
    stage: 'rcpt',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-sender',
  },
  'RCPT 554 about this host': {
    script: { rcpt: '554 5.7.1 Service unavailable; Client host [1.2.3.4] blocked using x' },
    stage: 'rcpt',
    outcome: 'permanent',
    ...goesOn,
    remember: 'blocked',
  },
  'RCPT drop': { script: { rcpt: 'drop' }, stage: 'rcpt', outcome: 'unreachable', ...goesOn, remember: 'cool-down' },
  'RCPT silence': {
    script: { rcpt: 'silence' },
    stage: 'rcpt',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'DATA 421': { script: { data: '421 bye' }, stage: 'data', outcome: 'transient', ...goesOn, remember: 'cool-down' },
  'DATA 451': { script: { data: '451 later' }, stage: 'data', outcome: 'transient', ...goesOn, remember: null },
  'DATA 554': {
    script: { data: '554 no' },
    stage: 'data',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-sender',
  },
  'DATA drop': { script: { data: 'drop' }, stage: 'data', outcome: 'unreachable', ...goesOn, remember: 'cool-down' },
  'DATA silence': {
    script: { data: 'silence' },
    stage: 'data',
    outcome: 'unreachable',
    ...goesOn,
    remember: 'cool-down',
  },
  'final dot 421': {
    script: { finalDot: '421 bye' },
    stage: 'final-dot',
    outcome: 'transient',
    ...goesOn,
    remember: 'cool-down',
  },
  'final dot 451': {
    script: { finalDot: '451 later' },
    stage: 'final-dot',
    outcome: 'transient',
    ...goesOn,
    remember: null,
  },
  'final dot 550 5.7.60': {
    script: { finalDot: '550 5.7.60 cannot send as' },
    stage: 'final-dot',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-sender',
  },
  'final dot 554 5.2.252': {
    script: { finalDot: '554 5.2.252 SendAsDenied' },
    stage: 'final-dot',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-sender',
  },
  'final dot 552 5.3.4': {
    script: { finalDot: '552 5.3.4 too big' },
    stage: 'final-dot',
    outcome: 'permanent',
    ...goesOn,
    remember: 'refused-size',
  },
  'final dot 554 content': {
    script: { finalDot: '554 5.7.1 looks like spam' },
    stage: 'final-dot',
    outcome: 'permanent',
    whom: 'nobody else',
    state: 'pending',
    remember: null,
  },
  'final dot drop': {
    script: { finalDot: 'drop' },
    stage: 'final-dot',
    outcome: 'uncertain',
    whom: 'nobody else',
    state: 'uncertain',
    remember: null,
  },
  'final dot silence': {
    script: { finalDot: 'silence' },
    stage: 'final-dot',
    outcome: 'uncertain',
    whom: 'nobody else',
    state: 'uncertain',
    remember: null,
  },
};

/** The same dialogue command by command, and with the envelope in one go (RFC 2920). */
const manners = { 'command by command': [], pipelined: ['PIPELINING'] } as const;

describe.each(Object.entries(manners))('the reply table, %s', (_, extensions) => {
  it.each(Object.entries(cells))('%s', async (_name, cell) => {
    const offers = [...extensions, ...(cell.script.offers ?? [])];
    const first = await start({ ...cell.script, offers });
    const second = await start({ offers });
    const { run, attempts, recipients, lessons } = harness({ first: 'secret' });
    const isSignIn = cell.script.auth !== undefined;
    const impatient = { greetingMs: 150, commandMs: 150, dataMs: 150, finalDotMs: 150 };
    const auth = isSignIn ? { auth: { method: 'auto', user: 'me' } } : {};
    const end = await run([
      serverAt('first', [first.port], { timeouts: impatient, ...auth }),
      serverAt('second', [second.port]),
    ]);
    expect(attempts[0]).toMatchObject({ serverId: 'first', stage: cell.stage, outcome: cell.outcome });
    expect(attempts[0]?.meaning).toMatch(/^[A-Z].*\.$/);
    expect(second.accepted).toHaveLength(cell.whom === 'second server' ? 1 : 0);
    expect(recipients.get('b@b.example')?.state).toBe(cell.state);
    expect(lessons.find(({ kind }) => kind === 'refusal')).toEqual(
      cell.remember === null ? undefined : expect.objectContaining({ remember: cell.remember }),
    );
    expect(end.isContentRefused).toBe(cell.state === 'pending');
    expect(first.commands.filter((line) => line.startsWith('AUTH')).length).toBe(isSignIn ? 1 : 0);
  });
});
