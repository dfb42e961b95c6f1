import { X } from 'lucide-react';
import { useState } from 'react';
import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { useApi } from '../../api.ts';
import { formatMoment, t } from '../../i18n/index.ts';
import { useIdentities, useServerMemory } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, IconButton, Section, StateMark, showToast } from '../../ui/index.ts';
import { memoryInWords } from './words.ts';

/** What is remembered about a server; all of it can be forgotten. */
export function ServerMemory({ server }: { server: OutgoingServerView }) {
  const api = useApi();
  const memory = useServerMemory(server.id);
  const [error, setError] = useState<unknown>(null);
  const forget = (keys?: string[]): void => {
    setError(null);
    api
      .call('server.forget', { serverId: server.id, keys })
      .then(() => showToast({ text: t('outgoing-servers.memory.forgotten') }))
      .catch(setError);
  };
  return (
    <Section
      title={t('outgoing-servers.memory')}
      description={t('outgoing-servers.memory.meaning')}
      actions={
        memory.length > 0 && (
          <Button size="small" onPress={() => forget()}>
            {t('outgoing-servers.memory.forgetAll')}
          </Button>
        )
      }
    >
      <FormError error={error} />
      {memory.length === 0 ? (
        <p className="servers-muted">{t('outgoing-servers.memory.none')}</p>
      ) : (
        <ul className="servers-facts">
          {memory.map((entry) => (
            <li key={entry.key}>
              <StateMark state={markOf(entry)} look="icon" />
              <span className="servers-fact">
                <span>{memoryInWords(entry)}</span>
                <span className="servers-muted">
                  {[
                    entry.text,
                    entry.expiresAt === null
                      ? ''
                      : t('outgoing-servers.memory.until', { moment: formatMoment(entry.expiresAt) }),
                  ]
                    .filter((part) => part !== undefined && part !== '')
                    .join(' · ')}
                </span>
              </span>
              <IconButton
                label={`${t('outgoing-servers.memory.forget')}: ${memoryInWords(entry)}`}
                icon={X}
                size="small"
                onPress={() => forget([entry.key])}
              />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function markOf({ kind }: DeliveryMemoryEntry): 'took-it' | 'waiting' | 'refused' | 'passed-over' {
  switch (kind) {
    case 'success':
      return 'took-it';
    case 'cool-down':
      return 'waiting';
    case 'seen':
    case 'relay-accepted':
      return 'passed-over';
    default:
      return 'refused';
  }
}

/** Which identities send by it. */
export function ServerUsers({ server }: { server: OutgoingServerView }) {
  const identities = useIdentities();
  const users = identities.flatMap(({ id, address, route }) => {
    if (route.kind === 'any') return [{ id, address, words: t('outgoing-servers.usedBy.any') }];
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
        <ul className="servers-facts">
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
