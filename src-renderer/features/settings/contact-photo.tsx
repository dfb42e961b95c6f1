import { useEffect, useState } from 'react';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../../ui/index.ts';

/** Somebody's picture, and how to be rid of it. The button stays, so that the keyboard does. */
export function ContactPhoto(props: {
  photo: string;
  name: string;
  isKept: boolean;
  onToggle: (isKept: boolean) => void;
}) {
  const { photo, name, isKept, onToggle } = props;
  const api = useApi();
  const [source, setSource] = useState<string | null>(null);
  useEffect(() => {
    let isOpen = true;
    api.call('contact.photo', { photo }).then(
      (found) => {
        if (isOpen && found !== null) setSource(`data:${found.type};base64,${found.base64}`);
      },
      // Without its picture the entry is as good.
      () => undefined,
    );
    return () => {
      isOpen = false;
    };
  }, [api, photo]);
  if (source === null) return null;
  return (
    <div className="settings-photo">
      <img
        className={isKept ? undefined : 'settings-photo-leaving'}
        src={source}
        alt={t('settings.contact.photo', { name })}
        width={72}
        height={72}
      />
      <Button size="small" onPress={() => onToggle(!isKept)}>
        {t(isKept ? 'settings.contact.photo.remove' : 'settings.contact.photo.keep')}
      </Button>
    </div>
  );
}
