/** Where a link truly leads. */
export type LinkTarget =
  | {
      kind: 'web';
      url: string;
      host: string;
      /** The name holds letters outside ASCII; `host` is its plain form. */
      isPuny: boolean;
      /** A host the text of the link names, when it is not this one. */
      deceivingHost: string | null;
    }
  | { kind: 'mail'; url: string; address: string }
  | { kind: 'bad' };

/** Reads an address as the browser will, and compares it with what the text of the link promises. */
export function readLinkTarget(address: string, text: string): LinkTarget {
  if (!URL.canParse(address)) return { kind: 'bad' };
  const url = new URL(address);
  if (url.protocol === 'mailto:') return { kind: 'mail', url: url.href, address: decode(url.pathname) };
  if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') return { kind: 'bad' };
  const promised = hostIn(text);
  const isSame = promised === null || sameSite(promised, url.hostname);
  return {
    kind: 'web',
    url: url.href,
    host: url.host,
    isPuny: url.hostname.split('.').some((label) => label.startsWith('xn--')),
    deceivingHost: isSame ? null : promised,
  };
}

/** The first host a person would read in the text; the end of a mail address is none. */
function hostIn(text: string): string | null {
  const found = /(?<![@\p{L}\p{N}.-])((?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24})(?:[/:?#\s]|$)/iu.exec(
    text.slice(0, 2000),
  );
  const name = found?.[1];
  if (name === undefined) return null;
  const address = `https://${name}/`;
  return URL.canParse(address) ? new URL(address).hostname : null;
}

function sameSite(promised: string, actual: string): boolean {
  const plain = (host: string): string => host.replace(/^www\./, '');
  return plain(actual) === plain(promised) || plain(actual).endsWith(`.${plain(promised)}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // URIError: shown as it stands.
    return text;
  }
}
