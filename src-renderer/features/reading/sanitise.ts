import DOMPurify from 'dompurify';
import { sanitiseDeclarations, sanitiseStyleSheet } from './sanitise-css.ts';

export interface SafeHtml {
  /** A whole document for `srcdoc`, with its own policy. */
  document: string;
  /** Pictures that would have been asked for from the internet, were they allowed. */
  blockedCount: number;
  /** Content-IDs the message shows within itself. */
  contentIds: string[];
}

export interface SanitiseOptions {
  /** Pictures by https may load. */
  allowsRemote: boolean;
  /** Pictures of the message itself, as `data:` addresses by Content-ID. */
  inlineImages: ReadonlyMap<string, string>;
}

/** Where a link leads, kept off `href`: a click is told to the window around the frame, and never navigates by itself. */
export const linkAttribute = 'data-postrider-link';

const tags = [
  ...[
    'a',
    'abbr',
    'address',
    'area',
    'article',
    'aside',
    'b',
    'bdi',
    'bdo',
    'big',
    'blockquote',
    'body',
    'br',
    'caption',
  ],
  ...['center', 'cite', 'code', 'col', 'colgroup', 'dd', 'del', 'details', 'dfn', 'dir', 'div', 'dl', 'dt', 'em'],
  ...[
    'figcaption',
    'figure',
    'font',
    'footer',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'head',
    'header',
    'hr',
    'html',
    'i',
  ],
  ...['img', 'ins', 'kbd', 'li', 'main', 'map', 'mark', 'menu', 'nav', 'nobr', 'ol', 'p', 'pre', 'q', 's', 'samp'],
  ...[
    'section',
    'small',
    'span',
    'strike',
    'strong',
    'style',
    'sub',
    'summary',
    'sup',
    'table',
    'tbody',
    'td',
    'tfoot',
  ],
  ...['th', 'thead', 'tr', 'tt', 'u', 'ul', 'var', 'wbr'],
];
const attributes = [
  ...['abbr', 'align', 'alt', 'axis', 'bgcolor', 'border', 'cellpadding', 'cellspacing', 'class', 'clear', 'color'],
  ...['cols', 'colspan', 'compact', 'coords', 'dir', 'face', 'headers', 'height', 'href', 'hspace', 'id', 'lang'],
  ...['noshade', 'nowrap', 'open', 'reversed', 'rows', 'rowspan', 'scope', 'shape', 'size', 'span', 'src', 'start'],
  ...['style', 'summary', 'title', 'type', 'usemap', 'valign', 'value', 'vspace', 'width'],
];

/**
 * Makes HTML mail harmless: no script, form, frame, media, SVG, MathML or metadata survives; styles lose everything that could load;
 * links lose their address. The frame it is shown in runs no script and the document's own policy loads nothing but `data:` pictures,
 * so that each of the three alone would do.
 */
export function sanitiseHtml(html: string, options: SanitiseOptions): SafeHtml {
  const page = clean(html);
  const found: Found = { blockedCount: 0, contentIds: new Set() };
  for (const image of page.querySelectorAll('img')) treatImage(image, options, found);
  for (const link of page.querySelectorAll('a, area')) treatLink(link);
  for (const element of page.querySelectorAll<HTMLElement>('[style]')) sanitiseDeclarations(element.style);
  const styles = [...page.querySelectorAll('style')].map((element) => {
    element.remove();
    return sanitiseStyleSheet(element.textContent);
  });
  const body = page.querySelector('body') ?? page;
  return {
    document: wrap(styles.join('\n'), body, options),
    blockedCount: found.blockedCount,
    contentIds: [...found.contentIds],
  };
}

interface Found {
  blockedCount: number;
  contentIds: Set<string>;
}

function clean(html: string): HTMLElement {
  const page = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: attributes,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|cid:|data:image\/(?:png|jpe?g|gif|webp|bmp|avif);)/i,
    FORCE_BODY: false,
    WHOLE_DOCUMENT: true,
    RETURN_DOM: true,
  });
  if (!(page instanceof HTMLElement)) throw new Error('The sanitiser answered no element.');
  return page;
}

const rasterData = /^data:image\/(?:png|jpe?g|gif|webp|bmp|avif);/i;

function treatImage(image: HTMLImageElement, options: SanitiseOptions, found: Found): void {
  const source = image.getAttribute('src')?.trim() ?? '';
  image.removeAttribute('src');
  if (/^cid:/i.test(source)) {
    const contentId = readContentId(source);
    found.contentIds.add(contentId);
    const data = options.inlineImages.get(contentId);
    if (data !== undefined) image.setAttribute('src', data);
  } else if (rasterData.test(source)) image.setAttribute('src', source);
  else if (/^https:/i.test(source) && options.allowsRemote) image.setAttribute('src', source);
  else if (/^https?:/i.test(source)) {
    found.blockedCount++;
    image.setAttribute('data-postrider-blocked', '');
  }
}

function readContentId(source: string): string {
  const raw = source.slice(4);
  try {
    return decodeURIComponent(raw);
  } catch {
    // URIError: a stray percent sign; the text itself is the id.
    return raw;
  }
}

function treatLink(link: Element): void {
  const address = link.getAttribute('href');
  link.removeAttribute('href');
  if (address === null || !/^(?:https?:|mailto:)/i.test(address.trim())) return;
  link.setAttribute(linkAttribute, address.trim());
  // Reached by Tab and looks like a link; leads nowhere by itself.
  link.setAttribute('href', '#');
}

/** Nothing may be asked for but pictures within the document, and by https when the reader said so. */
function policyFor(allowsRemote: boolean): string {
  return `default-src 'none'; img-src data:${allowsRemote ? ' https:' : ''}; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'`;
}

const ownStyle = `
html { color-scheme: light; background: #ffffff; }
body { margin: 0; padding: 16px; color: #182021; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: break-word; }
img { max-width: 100%; }
img[data-postrider-blocked] { min-width: 16px; min-height: 16px; background: #eff2f3; outline: 1px dashed #b3babc; }
a[${linkAttribute}] { cursor: pointer; }
pre { white-space: pre-wrap; }
blockquote { margin-inline: 0; padding-inline-start: 12px; border-inline-start: 3px solid #c9d0d1; }
:focus-visible { outline: 2px solid #005d67; outline-offset: 2px; }
`;

function wrap(styles: string, body: HTMLElement, { allowsRemote }: SanitiseOptions): string {
  const copied = ['style', 'bgcolor', 'dir', 'class', 'id', 'lang']
    .flatMap((name) => {
      const value = body.getAttribute(name);
      return value === null ? [] : [`${name}="${escapeAttribute(value)}"`];
    })
    .join(' ');
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policyFor(allowsRemote)}"><meta name="referrer" content="no-referrer"><style>${ownStyle}</style><style>${styles}</style></head><body ${copied}>${body.innerHTML}</body></html>`;
}

function escapeAttribute(value: string): string {
  return value.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
}
