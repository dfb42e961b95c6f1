import { PlugZap } from 'lucide-react';
import { useEffect } from 'react';
import { I18nProvider } from 'react-aria-components';
import { ApiProvider } from './api.ts';
import { type Connection, type Host, HostProvider } from './host/index.ts';
import { direction, t, useLanguage } from './i18n/index.ts';
import { useConnection, useSettings } from './projection/stores.ts';
import { ErrorBoundary } from './shell/error-boundary.tsx';
import { Shell } from './shell/shell.tsx';
import { EmptyState } from './ui/index.ts';

/** The whole application over one connection. */
export function App({ connection, host }: { connection: Connection; host: Host }) {
  const language = useLanguage();
  const isLost = useConnection(({ state }) => state.kind === 'lost');
  useTheme();
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = direction(language);
  }, [language]);
  return (
    <I18nProvider locale={language}>
      <ApiProvider value={connection.api}>
        <HostProvider value={host}>
          <ErrorBoundary key={language}>{isLost ? <Lost /> : <Shell onRetry={connection.retryNow} />}</ErrorBoundary>
        </HostProvider>
      </ApiProvider>
    </I18nProvider>
  );
}

function Lost() {
  return (
    <main className="shell-message">
      <EmptyState icon={PlugZap} title={t('app.lostTitle')} text={t('app.lostText')} />
    </main>
  );
}

export const themeKey = 'postrider.theme';

/** Light, dark, or as the system has it; kept on this device so that the next start does not flash. */
function useTheme(): void {
  const theme = useSettings((state) => state.settings?.preferences.theme);
  useEffect(() => {
    if (theme === undefined) return;
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(themeKey, theme);
  }, [theme]);
}
