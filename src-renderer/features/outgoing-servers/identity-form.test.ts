import { expect, it } from 'vitest';
import { ServerId } from '#shared/ids.ts';
import { isOfBigProvider, serverOfProvider } from '#shared/mail/big-provider.ts';
import { Identity } from '#shared/mail/identity.ts';
import { identityInputOf, identityPatchOf, problemsOfIdentity, toIdentityForm, withAddress } from './identity-form.ts';

const one = ServerId.parse('one');
const two = ServerId.parse('two');
const stored = Identity.parse({
  id: 'ann',
  displayName: 'Ann',
  address: 'ann@example.com',
  route: { kind: 'prefer', serverIds: [two, one] },
});

it('takes an identity there and back', () => {
  const { id: _id, ...fields } = stored;
  expect(identityInputOf(toIdentityForm(stored, [{ id: one }]))).toEqual(fields);
  expect(identityPatchOf(toIdentityForm(stored, []))).toMatchObject({
    signature: null,
    replyTo: null,
    accountId: null,
  });
});

it('keeps the order of servers while another route is tried', () => {
  const form = { ...toIdentityForm(stored, []), routeKind: 'only' } as const;
  expect(identityInputOf(form)?.route).toEqual({ kind: 'only', serverId: two });
  expect(identityInputOf({ ...form, routeKind: 'prefer' })?.route).toEqual(stored.route);
});

it('names what is wrong', () => {
  const form = { ...toIdentityForm(null, []), routeKind: 'only', replyTo: 'x' } as const;
  expect(problemsOfIdentity(form)).toEqual(['address-wrong', 'reply-to-wrong', 'server-missing']);
  expect(identityInputOf(form)).toBeNull();
});

it('accepts every address of a domain', () => {
  expect(problemsOfIdentity({ ...toIdentityForm(null, []), address: '*@example.com' })).toEqual([]);
});

it('knows addresses that only their provider may send for', () => {
  expect(isOfBigProvider('ann@GMail.com')).toBe(true);
  expect(isOfBigProvider('ann@example.com')).toBe(false);
});

it('proposes the provider’s own server alone for its addresses, until a route was chosen', () => {
  const server = (id: ServerId, host: string) => ({ id, endpoints: [{ host, port: 465, security: 'tls' as const }] });
  const servers = [server(one, 'relay.example'), server(two, 'smtp.gmail.com')];
  const fresh = toIdentityForm(null, servers);
  const gmail = withAddress(fresh, 'ann@googlemail.com', servers);
  expect(gmail).toMatchObject({ routeKind: 'only', onlyServerId: two });
  expect(withAddress(gmail, 'ann@example.com', servers).routeKind).toBe('any');
  expect(withAddress(fresh, 'ann@gmx.de', servers)).toMatchObject({ routeKind: 'only', onlyServerId: null });
  const chosen = { ...fresh, isRouteChosen: true };
  expect(withAddress(chosen, 'ann@gmail.com', servers).routeKind).toBe('any');
  expect(serverOfProvider('ann@gmx.de', [server(one, 'mail.gmx.net')])?.id).toBe(one);
  expect(serverOfProvider('ann@gmail.com', [server(one, 'notgmail.com')])).toBeUndefined();
});
