import { useState } from 'react';
import { Preferences } from '#shared/mail/settings.ts';
import { useApi } from '../../api.ts';
import { useSettings } from '../../projection/stores.ts';

const defaults = Preferences.parse({});

/** The preferences, and changing them at once. */
export function usePreferences(): {
  preferences: Preferences;
  set: (patch: Partial<Preferences>) => void;
  error: unknown;
} {
  const api = useApi();
  const preferences = useSettings((state) => state.settings?.preferences ?? defaults);
  const [error, setError] = useState<unknown>(null);
  return {
    preferences,
    error,
    set: (patch) => {
      setError(null);
      api.call('settings.setPreferences', patch).catch(setError);
    },
  };
}
