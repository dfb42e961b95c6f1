import type { AccountId, IdentityId, ServerId } from '#shared/ids.ts';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { PracticeSetup } from '#shared/mail/setup.ts';
import type { CollectionService, HandlersOf, PracticeService, SettingsService } from '../services.ts';

interface PracticeRooms {
  readonly settings: SettingsService;
  readonly practice: PracticeService;
  readonly collection: CollectionService;
}

/** The practice mailbox in one click: servers, account, identity and route, set up once and found again later. */
export function practiceHandlers(
  rooms: PracticeRooms,
): HandlersOf<'practice.setUp' | 'practice.faults' | 'practice.received'> {
  const { practice, collection } = rooms;
  return {
    'practice.setUp': async () => {
      const running = await practice.start();
      const first = await serverAt(rooms, 'Practice relay 1 (refuses you)', running.first);
      const second = await serverAt(rooms, 'Practice relay 2', running.second);
      const accountId = await accountAt(rooms, running);
      const identityId = await identityFor(rooms, running.address, accountId, [first, second]);
      collection.collect([accountId]);
      const setup: PracticeSetup = { accountId, identityId, serverIds: [first, second], faults: practice.faults() };
      return setup;
    },
    'practice.faults': async ({ faults }) => ({
      faults: faults === undefined ? practice.faults() : await practice.setFaults(faults),
      isRunning: practice.isRunning(),
    }),
    'practice.received': async () => practice.received(),
  };
}

async function serverAt({ settings }: PracticeRooms, label: string, endpoint: Endpoint): Promise<ServerId> {
  const name = endpointName(endpoint);
  const known = settings.current().servers.find(({ endpoints }) => endpoints.some((one) => endpointName(one) === name));
  return (
    known?.id ??
    settings.addServer({ label, kind: 'relay', endpoints: [endpoint], auth: { method: 'none' }, enabled: true })
  );
}

async function accountAt(
  { settings }: PracticeRooms,
  { maildrop, user, password }: { maildrop: Endpoint; user: string; password: string },
): Promise<AccountId> {
  const known = settings.current().accounts.find(({ host, port }) => host === maildrop.host && port === maildrop.port);
  if (known !== undefined) return known.id;
  return settings.addAccount({
    label: 'Practice mailbox',
    ...maildrop,
    user,
    secret: password,
    auth: 'auto',
    retention: { kind: 'leave' },
    checkEveryMinutes: 10,
  });
}

async function identityFor(
  { settings }: PracticeRooms,
  address: string,
  accountId: AccountId,
  serverIds: ServerId[],
): Promise<IdentityId> {
  const known = settings.current().identities.find((identity) => identity.address === address);
  if (known !== undefined) return known.id;
  return settings.addIdentity({
    displayName: 'Practice',
    address,
    accountId,
    route: { kind: 'prefer', serverIds },
  });
}
