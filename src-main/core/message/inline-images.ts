import { randomUUID } from 'node:crypto';

export interface InlineImage {
  /** Without angle brackets. */
  readonly contentId: string;
  readonly contentType: string;
  readonly fileName: string;
  readonly bytes: Buffer;
}

/**
 * Takes pictures that were pasted as `data:` addresses out of HTML, to be sent as parts of their own: many readers do
 * not show `data:`. Linear: each candidate is looked at once.
 */
export function takeInlineImages(html: string, domain: string): { html: string; images: InlineImage[] } {
  const images: InlineImage[] = [];
  let out = '';
  let last = 0;
  let at = html.indexOf('data:image/');
  while (at >= 0) {
    const quote = html.charAt(at - 1);
    const end = quote === '"' || quote === "'" ? html.indexOf(quote, at) : -1;
    const isSource = /\bsrc\s*=\s*["']$/i.test(html.slice(Math.max(0, at - 12), at));
    const head = /^data:(image\/[a-z0-9.+-]{1,40});base64,/i.exec(html.slice(at, at + 80));
    if (end > at && isSource && head !== null) {
      const contentType = (head[1] ?? 'image/png').toLowerCase();
      const contentId = `${randomUUID()}@${domain}`;
      const bytes = Buffer.from(html.slice(at + head[0].length, end), 'base64');
      const ending = contentType.slice('image/'.length).replace('jpeg', 'jpg').replace(/\+.*$/, '');
      images.push({ contentId, contentType, bytes, fileName: `image-${images.length + 1}.${ending}` });
      out += `${html.slice(last, at)}cid:${contentId}`;
      last = end;
      at = html.indexOf('data:image/', end);
    } else at = html.indexOf('data:image/', at + 11);
  }
  return { html: out + html.slice(last), images };
}
