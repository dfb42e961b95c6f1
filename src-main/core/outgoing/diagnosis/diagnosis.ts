import type { LocationId, ServerId } from '#shared/ids.ts';
import type { CheckReport } from '#shared/job.ts';
import { domainOf } from '#shared/mail/address.ts';
import { type Endpoint, endpointName, type Secret } from '#shared/mail/endpoint.ts';
import type { OutgoingServer, ServerInput } from '#shared/mail/outgoing-server.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import type { HandlersOf, Rooms } from '../../services.ts';
import type { DeliveryMemory } from '../delivery-memory.ts';
import { believed } from '../memory.ts';
import type { LocationService } from '../network-location.ts';
import { checkDirect } from './check-direct.ts';
import type { CheckContext } from './check-endpoint.ts';
import { hostToCheck } from './check-host.ts';
import { type CheckServerOptions, checkServer } from './check-server.ts';
import type { PlaceGuard } from './place-guard.ts';
import { alarmAt, learnAccepted } from './sightings.ts';
import { surroundingsOf } from './surroundings.ts';

export type DiagnosisMethods = 'check.server' | 'check.host' | 'server.acceptRelay';

export interface DiagnosisRooms extends Pick<Rooms, 'clock' | 'emit' | 'settings' | 'jobs' | 'tokenSourceFor'> {
  readonly memory: DeliveryMemory;
  readonly location: LocationService;
  readonly guard: PlaceGuard;
  /** What waits may go now. */
  readonly reconsider: () => void;
}

/** The part of the contract that finds out what is wrong with a server, and what the user says to it. */
export function createDiagnosis(rooms: DiagnosisRooms): HandlersOf<DiagnosisMethods> {
  const { clock, emit, guard, jobs, location, memory, reconsider, settings } = rooms;
  const surroundings = surroundingsOf(settings, location);

  /** `saved`: at its own endpoints it is compared with what was seen there before, and remembered. */
  async function contextFor(
    server: ServerInput,
    saved: OutgoingServer | undefined,
    secret: Secret | undefined,
    { jobId, signal, report }: JobContext,
  ): Promise<CheckContext & { server: ServerInput }> {
    await memory.load();
    const { locationId } = await location.current({ fresh: true });
    const isOwn = (endpoint: Endpoint): boolean =>
      saved?.endpoints.some((at) => endpointName(at) === endpointName(endpoint)) === true;
    const guardOf = (serverId: ServerId): NonNullable<CheckContext['guard']> => ({
      meet: async (endpoint, met) =>
        isOwn(endpoint) ? guard.meet({ serverId, endpoint, locationId }, met) : undefined,
      suspect: (endpoint, failure) =>
        isOwn(endpoint) ? guard.suspect({ serverId, endpoint, locationId }, failure) : failure,
    });
    return {
      server,
      secret,
      signal,
      tokenSourceFor: rooms.tokenSourceFor,
      onProgress: (endpoint) => {
        emit('check.progress', { jobId, endpoint });
        report({ phase: endpoint.steps.at(-1)?.stage ?? 'testing', done: 0, total: null });
      },
      ...(saved === undefined ? {} : { guard: guardOf(saved.id) }),
    };
  }

  function remembered(
    saved: OutgoingServer | undefined,
    here: LocationId,
  ): NonNullable<CheckServerOptions['remembered']> {
    const own = believed(memory.entries(), clock.now()).filter(({ serverId }) => serverId === saved?.id);
    const blocked = own.find(({ kind, locationId }) => kind === 'blocked' && locationId === here);
    const signIn = own.find(({ kind }) => kind === 'auth-failed');
    return {
      hasTakenMail: own.some(({ kind }) => kind === 'success'),
      ...(blocked === undefined ? {} : { refusedHere: blocked.text ?? '' }),
      ...(signIn === undefined ? {} : { wantedSignIn: signIn.text ?? '' }),
    };
  }

  /** Whose servers direct delivery is tried with: what it sends for, or the first identity. */
  function domainFor({ senders }: ServerInput): string {
    const { identities } = settings.current();
    const addresses = [...(senders ?? []), ...identities.map(({ address }) => address)];
    const domain = addresses.map(domainOf).find((one) => one !== '');
    if (domain === undefined) {
      throw new MailError(
        'EINVALID',
        'Name a domain to try direct delivery with, for example that of a friend’s address.',
      );
    }
    return domain;
  }

  const about = (saved: OutgoingServer | undefined, report: CheckReport): CheckReport =>
    saved === undefined ? report : { ...report, serverId: saved.id };

  return {
    'check.server': async ({ server, serverId, domain }) => {
      const kept = serverId === undefined ? undefined : await settings.serverSecret(serverId);
      const saved = serverId === undefined ? undefined : settings.server(serverId);
      const jobId = jobs.start({
        jobKind: 'check',
        label: server.label,
        work: async (job) => {
          const secret = server.auth.secret ?? kept;
          const context = await contextFor(withKeptProxyPassword(server, saved), saved, secret, job);
          const { locationId } = await location.current();
          return about(
            saved,
            server.kind === 'direct-mx'
              ? await checkDirect({ ...context, surroundings, domain: domain ?? domainFor(server) })
              : await checkServer({ ...context, surroundings, remembered: remembered(saved, locationId) }),
          );
        },
      });
      return { jobId };
    },

    'check.host': async (asked) => {
      const { server, saved, chosen } = hostToCheck(asked, settings.current().servers);
      const jobId = jobs.start({
        jobKind: 'check',
        label: asked.host,
        work: async (job) => {
          const context = await contextFor(server, saved, undefined, job);
          return about(saved, await checkServer({ ...context, surroundings, isLookAround: true, chosen }));
        },
      });
      return { jobId };
    },

    'server.acceptRelay': async ({ serverId, endpoint }) => {
      const server = settings.server(serverId);
      if (server === undefined) throw new MailError('ENOTFOUND', 'There is no such outgoing server any more.');
      const at = server.endpoints.find((one) => endpointName(one) === endpoint);
      if (at === undefined) throw new MailError('ENOTFOUND', `${server.label} has no endpoint ${endpoint}.`);
      if (at.security !== 'none') {
        throw new MailError(
          'EINVALID',
          `${endpoint} is set up to be encrypted: nothing else can take its place there. Only an endpoint without encryption can use a network’s own relay.`,
        );
      }
      await memory.load();
      const { locationId, isOnline } = await location.current({ fresh: true });
      if (!isOnline)
        throw new MailError('EOFFLINE', 'You are offline: there is no network here whose relay could be accepted.');
      const place = { serverId, endpoint, locationId };
      const alarm = alarmAt(memory.entries(), place);
      const text = alarm?.text ?? 'Accepted before anything was seen here.';
      memory.change(learnAccepted(place, alarm?.seen, { now: clock.now(), text }));
      await memory.flush();
      reconsider();
      return {};
    },
  };
}

/** The editor never shows the password of a proxy; as long as it is the same proxy, the kept one is meant. */
function withKeptProxyPassword(server: ServerInput, stored: OutgoingServer | undefined): ServerInput {
  const { proxy } = server;
  const kept = stored?.proxy;
  if (proxy?.user === undefined || proxy.password !== undefined || kept?.password === undefined) return server;
  const isSame = kept.host === proxy.host && kept.port === proxy.port && kept.user === proxy.user;
  return isSame ? { ...server, proxy: { ...proxy, password: kept.password } } : server;
}
