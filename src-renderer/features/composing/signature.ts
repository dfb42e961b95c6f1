/** The line that announces a signature (RFC 3676 §4.3): two dashes and a space. */
const announcement = '-- ';

/** The text with one identity's signature in place of another's; untouched when the user wrote over it. */
export function withSignatureOf(text: string, former: string | undefined, next: string | undefined): string {
  const old = blockOf(former);
  const fresh = blockOf(next);
  if (old === fresh) return text;
  if (old !== '') {
    const at = text.indexOf(old);
    return at < 0 ? text : tidied(text.slice(0, at), fresh, text.slice(at + old.length));
  }
  const quote = /^(>|.{0,200}:\n>)/mu.exec(text);
  const at = quote?.index ?? text.length;
  const before = text.slice(0, at);
  return `${before}${before === '' || before.endsWith('\n') ? '\n' : '\n\n'}${fresh}\n${text.slice(at)}`;
}

function tidied(before: string, fresh: string, after: string): string {
  return fresh === '' ? `${before.replace(/\n+$/u, '\n')}${after}` : `${before}${fresh}${after}`;
}

function blockOf(signature: string | undefined): string {
  const words = signature?.trim() ?? '';
  return words === '' ? '' : `${announcement}\n${words}`;
}
