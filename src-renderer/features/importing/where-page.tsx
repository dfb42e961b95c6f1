import { useState } from 'react';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { ProgressBar } from '../../ui/index.ts';
import { Elsewhere } from './elsewhere.tsx';
import { FoundPlaces } from './found-places.tsx';
import { showSource } from './import-state.ts';
import { Unfinished } from './unfinished.tsx';

/** The first question: where the mail is. */
export function WherePage() {
  const api = useApi();
  const [lookingAt, setLookingAt] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);

  const look = (path: string): void => {
    setLookingAt(path);
    setError(null);
    api
      .call('import.look', { path })
      .then(showSource, setError)
      .finally(() => setLookingAt(null));
  };
  const isLooking = lookingAt !== null;
  return (
    <>
      <Unfinished onError={setError} />
      <FoundPlaces onLook={look} isLooking={isLooking} onError={setError} />
      <Elsewhere onLook={look} isLooking={isLooking} onError={setError} />
      {isLooking && <ProgressBar label={t('importing.looking', { path: lookingAt })} value={null} />}
      <FormError error={error} />
    </>
  );
}
