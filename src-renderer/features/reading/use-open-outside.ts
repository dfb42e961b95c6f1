import { useApi } from '../../api.ts';
import { useAppInfo } from '../../projection/stores.ts';

/** Opens a web address in the user's browser, whichever host shows this page. */
export function useOpenOutside(): (url: string) => Promise<void> {
  const api = useApi();
  const canOpen = useAppInfo((state) => state.info?.capabilities.openExternal ?? false);
  return async (url) => {
    if (canOpen) await api.call('host.openExternal', { url });
    else window.open(url, '_blank', 'noopener,noreferrer');
  };
}
