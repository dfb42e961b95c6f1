import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { t } from '../../i18n/index.ts';
import { useIdentities } from '../../projection/settings-parts.ts';
import { Section } from '../../ui/index.ts';

/** Which identities send by it. */
export function ServerUsers({ server }: { server: OutgoingServerView }) {
  const identities = useIdentities();
  const users = identities.flatMap(({ id, address, route }) => {
    if (route.kind === 'any')
      // Direct delivery is never among "any allowed".
      return server.kind === 'direct-mx' ? [] : [{ id, address, words: t('outgoing-servers.usedBy.any') }];
    if (route.kind === 'only')
      return route.serverId === server.id ? [{ id, address, words: t('outgoing-servers.usedBy.only') }] : [];
    const place = route.serverIds.indexOf(server.id) + 1;
    return place === 0 ? [] : [{ id, address, words: t('outgoing-servers.usedBy.prefer', { place }) }];
  });
  return (
    <Section title={t('outgoing-servers.usedBy')}>
      {users.length === 0 ? (
        <p className="servers-muted">{t('outgoing-servers.usedBy.nobody')}</p>
      ) : (
        <ul className="servers-users">
          {users.map(({ id, address, words }) => (
            <li key={id}>
              <bdi>{address}</bdi> <span className="servers-muted">{words}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
