import { createRoot } from 'react-dom/client';
import { App, themeKey } from './app.tsx';
import { createConnection, findHost } from './host/index.ts';
import { useNavigation } from './navigation.ts';
import { paintFromCache, startSync } from './projection/sync.ts';
import './ui/tokens.css';
import './ui/base.css';

const theme = localStorage.getItem(themeKey);
if (theme !== null) document.documentElement.dataset.theme = theme;

const host = findHost();
const connection = createConnection(host);
startSync(connection);

// What was in view last is painted from the cache while the application still answers.
void paintFromCache().then((snapshot) => {
  if (snapshot !== null) useNavigation.setState({ view: { kind: 'mail', folder: snapshot.folder } });
  const root = document.getElementById('root');
  if (root !== null) createRoot(root).render(<App connection={connection} host={host} />);
});
