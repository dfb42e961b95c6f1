import { describe, expect, it } from 'vitest';
import { ServerId } from '#shared/ids.ts';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import { SetupProposal } from '#shared/mail/setup.ts';
import { emptyEndpoint } from '../../ui/endpoints/endpoint-form.ts';
import {
  type Answers,
  accountInputOf,
  emptyAnswers,
  emptyOutgoing,
  identityInputOf,
  otherHosts,
  problemsOfIncoming,
  problemsOfOutgoing,
  problemsOfYou,
  routeOf,
  serverInputOf,
  withProposal,
} from './answers.ts';
import { pageAfter, pageBefore, pagesFor } from './wizard-pages.ts';

const proposal = SetupProposal.parse({
  domain: 'example.com',
  source: 'guess',
  incoming: [
    { host: 'pop.example.com', port: 995, security: 'tls' },
    { host: 'mail.example.com', port: 995, security: 'tls' },
  ],
  outgoing: [
    { host: 'smtp.example.com', port: 465, security: 'tls' },
    { host: 'smtp.example.com', port: 587, security: 'starttls' },
    { host: 'mail.example.com', port: 587, security: 'starttls' },
  ],
  user: 'ann@example.com',
  isBigProvider: false,
});

function filled(): Answers {
  const answers = withProposal({ ...emptyAnswers(), displayName: 'Ann', address: 'ann@example.com' }, proposal);
  return { ...answers, incoming: { ...answers.incoming, password: 'secret' } };
}

describe('a proposal', () => {
  it('fills in what is empty; the ports of one host are one server', () => {
    const { incoming, outgoing } = filled();
    expect(incoming).toMatchObject({ user: 'ann@example.com', endpoint: { host: 'pop.example.com', port: '995' } });
    expect(outgoing).toHaveLength(1);
    expect(outgoing[0]).toMatchObject({ label: 'example.com' });
    expect(outgoing[0]?.endpoints.map(({ port }) => port)).toEqual(['465', '587']);
    expect(otherHosts(proposal.outgoing, 'smtp.example.com')).toHaveLength(1);
  });

  it('never overwrites what the user typed, and replaces what only a former proposal put there', () => {
    const typed = filled();
    const own: Answers = {
      ...typed,
      incoming: { ...typed.incoming, endpoint: { ...emptyEndpoint('pop3'), host: 'own' } },
    };
    const other = { ...proposal, user: 'bob', incoming: [{ host: 'x', port: 995, security: 'tls' } as const] };
    const after = withProposal(own, other);
    expect(after.incoming.endpoint.host).toBe('own');
    expect(after.incoming.user).toBe('bob');
    expect(withProposal(typed, other).incoming.endpoint.host).toBe('x');
    expect(after.incoming.password).toBe('secret');
  });

  it('leaves servers the user added alone', () => {
    const two = { ...filled(), outgoing: [...filled().outgoing, emptyOutgoing('Other')] };
    expect(withProposal(two, { ...proposal, outgoing: [] }).outgoing).toHaveLength(2);
  });
});

describe('the pages', () => {
  it('leave out what was not asked for', () => {
    expect(pagesFor({ purpose: 'send-only' })).not.toContain('incoming');
    expect(pagesFor({ purpose: 'receive-only' })).not.toContain('outgoing');
    expect(pageAfter('you', { ...emptyAnswers(), purpose: 'send-only' })).toBe('outgoing');
    expect(pageBefore('test', { ...emptyAnswers(), purpose: 'receive-only' })).toBe('incoming');
    expect(pageBefore('you', emptyAnswers())).toBeNull();
  });

  it('say what is missing', () => {
    expect(problemsOfYou(emptyAnswers())).toEqual(['address-missing']);
    expect(problemsOfYou({ ...emptyAnswers(), address: 'ann' })).toEqual(['address-wrong']);
    expect(problemsOfIncoming(emptyAnswers())).toEqual(['host-missing', 'user-missing']);
    expect(problemsOfOutgoing({ ...emptyAnswers(), outgoing: [] })).toEqual(['outgoing-missing']);
    for (const problemsOf of [problemsOfYou, problemsOfIncoming, problemsOfOutgoing])
      expect(problemsOf(filled())).toEqual([]);
  });
});

describe('what is stored', () => {
  it('is what the contract takes', () => {
    const answers = filled();
    const [server] = answers.outgoing;
    if (server === undefined) throw new Error('no server');
    expect(AccountInput.parse(accountInputOf(answers))).toMatchObject({ host: 'pop.example.com', secret: 'secret' });
    expect(ServerInput.parse(serverInputOf(answers, server)).auth).toEqual({
      method: 'auto',
      user: 'ann@example.com',
      secret: 'secret',
    });
    expect(accountInputOf({ ...answers, purpose: 'send-only' })).toBeNull();
  });

  it('sends no user and no password where none is asked for', () => {
    const answers = filled();
    const server = {
      ...emptyOutgoing('Office', [{ ...emptyEndpoint('submission'), host: 'relay' }]),
      method: 'none' as const,
    };
    expect(serverInputOf(answers, server)?.auth).toEqual({ method: 'none' });
  });

  it('routes the mail of big providers by their own server only', () => {
    const ids = [ServerId.parse('one'), ServerId.parse('two')];
    const big = { ...filled(), proposal: { ...proposal, isBigProvider: true } };
    expect(routeOf(big, ids.slice(0, 1))).toEqual({ kind: 'only', serverId: 'one' });
    expect(routeOf(filled(), ids)).toEqual({ kind: 'prefer', serverIds: ['one', 'two'] });
    expect(identityInputOf(filled(), [], null).route).toEqual({ kind: 'any' });
  });
});
