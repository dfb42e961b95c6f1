import { useEffect, useState } from 'react';
import type { UnfinishedImport } from '#shared/mail/mail-source.ts';
import { useApi } from '../../api.ts';
import { formatDateTime, t } from '../../i18n/index.ts';
import { Banner, Button } from '../../ui/index.ts';
import { startImport } from './import-state.ts';

/** An import that was broken off, by whatever: gone on with by one button. */
export function Unfinished({ onError }: { onError: (error: unknown) => void }) {
  const api = useApi();
  const [unfinished, setUnfinished] = useState<UnfinishedImport | null>(null);
  useEffect(() => {
    api.call('import.unfinished', {}).then(setUnfinished, onError);
  }, [api, onError]);
  if (unfinished === null) return null;
  const { request, startedAt } = unfinished;
  const forget = (): void => {
    setUnfinished(null);
    api.call('import.forget', {}).catch(onError);
  };
  return (
    <Banner
      level="warning"
      className="importing-banner"
      actions={
        <>
          <Button size="small" variant="primary" onPress={() => startImport(api, request)}>
            {t('importing.unfinished.go')}
          </Button>
          <Button size="small" onPress={forget}>
            {t('importing.unfinished.forget')}
          </Button>
        </>
      }
    >
      <bdi>{t('importing.unfinished.text', { path: request.path, when: formatDateTime(startedAt) })}</bdi>
    </Banner>
  );
}
