import { Archive, FolderOpen, HardDrive, type LucideIcon, Mails } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { MailPlace } from '#shared/mail/mail-source.ts';
import { useApi } from '../../api.ts';
import { formatAgo, t } from '../../i18n/index.ts';
import { Icon, Section, Skeleton } from '../../ui/index.ts';

const icons: Readonly<Record<MailPlace['kind'], LucideIcon>> = {
  thunderbird: Mails,
  'apple-mail': Mails,
  evolution: Mails,
  kmail: Mails,
  maildir: FolderOpen,
  mbox: Archive,
};

/** Mail of other programs, one press away. */
export function FoundPlaces(props: {
  onLook: (path: string) => void;
  isLooking: boolean;
  onError: (error: unknown) => void;
}) {
  const api = useApi();
  const { onError } = props;
  const [places, setPlaces] = useState<readonly MailPlace[] | null>(null);
  useEffect(() => {
    api.call('import.places', {}).then(setPlaces, onError);
  }, [api, onError]);
  return (
    <Section title={t('importing.found.title')}>
      {places === null ? (
        <div aria-busy="true">
          <span className="ui-visually-hidden">{t('importing.found.looking')}</span>
          <Skeleton height={64} />
        </div>
      ) : places.length === 0 ? (
        <p className="importing-muted">{t('importing.found.none')}</p>
      ) : (
        <div className="importing-places">
          {places.map((place) => (
            <AriaButton
              key={place.path}
              className="importing-place"
              isDisabled={props.isLooking}
              onPress={() => props.onLook(place.path)}
            >
              <Icon of={icons[place.kind] ?? HardDrive} size={20} />
              <span className="importing-place-words">
                <strong>{t(`importing.found.${place.kind}`)}</strong>
                <bdi className="importing-path">{place.name}</bdi>
                <span className="importing-muted">{t('importing.found.used', { when: formatAgo(place.usedAt) })}</span>
              </span>
            </AriaButton>
          ))}
        </div>
      )}
    </Section>
  );
}
