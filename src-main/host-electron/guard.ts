import type { Session, WebContents } from 'electron';
import type { Log } from '../core/ports.ts';
import { appOrigin, appPage, appScheme } from './app-protocol.ts';
import { openOutside } from './open-outside.ts';

/** What a page's own parts are loaded by. Anything else would leave the machine or read files. */
const ownSchemes: readonly string[] = [`${appScheme}:`, 'blob:', 'data:', 'about:', 'devtools:', 'chrome-extension:'];

/** Denies a session everything but our own page: no permission, no device, of the network only pictures by https. */
export function guardSession(session: Session): void {
  // The page copies text to the clipboard; nothing else is granted to it, and nothing to anybody else.
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(permission === 'clipboard-sanitized-write' && originOf(details.requestingUrl) === appOrigin);
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) => {
    return permission === 'clipboard-sanitized-write' && originOf(requestingOrigin) === appOrigin;
  });
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url, resourceType }, callback) => {
    const protocol = URL.parse(url)?.protocol ?? '';
    // Pictures a reader asked for; until then the policy of the frame a message is shown in lets none through.
    const isPicture = protocol === 'https:' && resourceType === 'image';
    callback({ cancel: !isPicture && !ownSchemes.includes(protocol) });
  });
}

/** Keeps a window on our page: every way out is denied, and a web address is opened outside instead. */
export function guardContents(contents: WebContents, log: Log): void {
  const openIfWeb = (url: string): void => {
    openOutside(url).catch((error: unknown) => log.warn('A link was not opened.', { reason: String(error) }));
  };
  contents.setWindowOpenHandler(({ url }) => {
    openIfWeb(url);
    return { action: 'deny' };
  });
  contents.on('will-navigate', (details) => {
    if (details.url === appPage) return;
    details.preventDefault();
    openIfWeb(details.url);
  });
  // The frames mail is shown in stay where they were made.
  contents.on('will-frame-navigate', (details) => {
    if (!details.isMainFrame) details.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** `URL.origin` is “null” for schemes of our own. */
function originOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? '' : `${parsed.protocol}//${parsed.host}`;
}
