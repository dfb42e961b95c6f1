import type { CheckedEndpoint, CheckReport } from '#shared/job.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import { findMailExchangers, type MailResolver, systemMailResolver } from '../mail-exchangers.ts';
import { reachForeign } from '../reach-foreign.ts';
import { StageFailure } from '../stage-failure.ts';
import { type CheckContext, checkEndpoint, checkTimeouts } from './check-endpoint.ts';
import type { Surroundings } from './check-server.ts';
import { isUsable, offlineWords } from './verdict.ts';

export interface CheckDirectOptions extends CheckContext {
  /** Whose servers are tried. */
  readonly domain: string;
  readonly surroundings?: Pick<Surroundings, 'isOnline' | 'namesAnswer'>;
  readonly resolver?: MailResolver;
  /** Tests have no port 25. */
  readonly port?: number;
}

/**
 * Tests direct delivery with a domain's own servers: MX lookup, then a connection to port 25 of the first that answers, as a
 * message would be brought, without one. Throws only when it is called off.
 */
export async function checkDirect(options: CheckDirectOptions): Promise<CheckReport> {
  const { domain, signal, surroundings, port = 25 } = options;
  const report = (found: Omit<CheckReport, 'kind' | 'advice'>): CheckReport => ({
    kind: 'check',
    advice: [],
    ...found,
  });
  if (surroundings !== undefined && !(await surroundings.isOnline())) {
    return report({ ok: false, endpoints: [], verdictKind: 'offline', verdict: offlineWords });
  }
  try {
    const found = await findMailExchangers(domain, options.resolver ?? systemMailResolver(), { signal });
    if (found.kind === 'none') {
      return report({ ok: false, endpoints: [], verdictKind: 'other', verdict: `${found.text} Try another domain.` });
    }
    const endpoints = await tryHosts(found.hosts.slice(0, 2), port, options);
    signal.throwIfAborted();
    return report({ ok: endpoints.some(isUsable), endpoints, ...judgeDirect(domain, endpoints, port) });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof StageFailure)) throw error;
    return report({
      ok: false,
      endpoints: [],
      verdictKind: 'offline',
      verdict: `${error.message} Mail waits until it does.`,
    });
  }
}

/** Until one can be connected to. */
async function tryHosts(
  hosts: readonly string[],
  port: number,
  options: CheckDirectOptions,
): Promise<CheckedEndpoint[]> {
  const endpoints: CheckedEndpoint[] = [];
  for (const host of hosts) {
    const manner = { timeouts: checkTimeouts, signsIn: false, isOpportunistic: true };
    const context = { ...options, reach: options.reach ?? reachForeign };
    const checked = await checkEndpoint({ host, port, security: 'none' }, context, manner);
    endpoints.push(checked);
    if (!isUnreached(checked) || options.signal.aborted) break;
  }
  return endpoints;
}

function isUnreached({ error, steps }: CheckedEndpoint): boolean {
  return error !== undefined && steps.at(-1)?.stage === 'connect';
}

function judgeDirect(
  domain: string,
  endpoints: readonly CheckedEndpoint[],
  port: number,
): Pick<CheckReport, 'verdictKind' | 'verdict'> {
  const works = endpoints.find(isUsable);
  if (works !== undefined) {
    const how = works.tls === undefined ? 'in clear' : 'encrypted';
    return {
      verdictKind: 'works',
      verdict: `The server of ${domain} answers (${works.endpoint.host}, ${how}), so mail can go straight from here. Many receivers still refuse it from networks at home.`,
    };
  }
  if (endpoints.every(isUnreached)) {
    return {
      verdictKind: 'port-blocked',
      verdict: `Port ${port} seems to be blocked on this network: no server of ${domain} can be reached there. Mail cannot go straight from here; use a relay of your provider.`,
    };
  }
  const last = endpoints.find((one) => !isUnreached(one)) ?? endpoints.at(-1);
  const said = last?.error?.server ?? '';
  const isRefused = last?.error?.code === 'EREJECTED';
  return isRefused
    ? {
        verdictKind: 'refuses-this-network',
        verdict: `The server of ${domain} takes no mail straight from this network. Use a relay of your provider. (It said: ${said})`,
      }
    : {
        verdictKind: 'other',
        verdict: `${last === undefined ? domain : endpointName(last.endpoint)}: ${last?.error?.message ?? 'it did not answer.'}`,
      };
}
