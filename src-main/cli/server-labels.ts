import type { ServerId } from '#shared/ids.ts';
import type { Api } from '#shared/rpc/client.ts';

/** Says what a server is called, as far as it is still there. */
export type LabelOf = (serverId: ServerId) => string;

/** The names the user gave the outgoing servers. */
export async function serverLabels(api: Api): Promise<LabelOf> {
  const servers = await api.call('server.list', {});
  return (serverId) => servers.find((server) => server.id === serverId)?.label ?? 'a server since removed';
}
