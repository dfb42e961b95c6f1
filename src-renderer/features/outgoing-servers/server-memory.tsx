import { X } from 'lucide-react';
import { useState } from 'react';
import type { DeliveryMemoryEntry, SeenNetwork } from '#shared/mail/outbox.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { useApi } from '../../api.ts';
import { formatDateFull, t } from '../../i18n/index.ts';
import { useServerMemory } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, IconButton, Section, StateMark, showToast } from '../../ui/index.ts';
import { memoryInWords, memoryMark } from '../../ui/memory-words.ts';
import { groupOf, memoryGroups, memoryNotes } from './memory-words.ts';
import { useSeenNetworks } from './use-places.ts';

/** What is remembered about a server, with how long it holds; any of it can be forgotten. */
export function ServerMemory({ server }: { server: OutgoingServerView }) {
  const api = useApi();
  const memory = useServerMemory(server.id);
  const networks = useSeenNetworks();
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
          <Button size="small" onPress={() => forget()} className="servers-forget">
            {t('outgoing-servers.memory.forgetAll')}
          </Button>
        )
      }
    >
      <FormError error={error} />
      {memory.length === 0 && <p className="servers-muted">{t('outgoing-servers.memory.none')}</p>}
      {memoryGroups.map((group) => {
        const entries = memory.filter((entry) => groupOf(entry) === group);
        return entries.length === 0 ? null : (
          <div key={group} className="servers-memory">
            <h3 className="servers-subhead">{t(`outgoing-servers.memory.group.${group}`)}</h3>
            <ul className="servers-facts" aria-label={t(`outgoing-servers.memory.group.${group}`)}>
              {entries.map((entry) => (
                <Fact key={entry.key} entry={entry} networks={networks} onForget={() => forget([entry.key])} />
              ))}
            </ul>
          </div>
        );
      })}
    </Section>
  );
}

function Fact(props: { entry: DeliveryMemoryEntry; networks: readonly SeenNetwork[]; onForget: () => void }) {
  const { entry, networks, onForget } = props;
  const words = memoryInWords(entry);
  const until = entry.expiresAt === null ? undefined : formatDateFull(entry.expiresAt);
  return (
    <li>
      <StateMark state={memoryMark(entry)} look="icon" />
      <span className="servers-fact">
        <span>{words}</span>
        {entry.text !== undefined && entry.text !== '' && (
          <q className="servers-quote">
            <bdi>{entry.text}</bdi>
          </q>
        )}
        <span className="servers-muted" title={until}>
          {memoryNotes(entry, networks, Date.now()).join(' · ')}
        </span>
      </span>
      <IconButton label={`${t('outgoing-servers.memory.forget')}: ${words}`} icon={X} size="small" onPress={onForget} />
    </li>
  );
}
