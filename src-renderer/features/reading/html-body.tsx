import { useEffect, useMemo, useRef, useState } from 'react';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { partPath, useHost } from '../../host/host.ts';
import { t } from '../../i18n/index.ts';
import { linkAttribute, sanitiseHtml } from './sanitise.ts';

export interface HtmlBodyProps {
  message: ParsedMessage;
  html: string;
  allowsRemote: boolean;
  onBlocked: (count: number) => void;
  onLink: (address: string, text: string) => void;
  /** Keys pressed inside the frame, which the window would not see. */
  onKey: (event: KeyboardEvent) => void;
}

const tallestPx = 60_000;
const largestInlineOctets = 12_000_000;

/** HTML mail, made harmless, in a frame that can run nothing. */
export function HtmlBody({ message, html, allowsRemote, onBlocked, onLink, onKey }: HtmlBodyProps) {
  const images = useInlineImages(message);
  const safe = useMemo(() => sanitiseHtml(html, { allowsRemote, inlineImages: images }), [html, allowsRemote, images]);
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(160);
  const handlers = useRef({ onLink, onKey });
  handlers.current = { onLink, onKey };

  useEffect(() => onBlocked(safe.blockedCount), [safe.blockedCount, onBlocked]);

  // The frame runs no script of its own; what listens here is this window's, reaching into the document it wrote.
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    let stopWatching = (): void => undefined;
    const onLoad = (): void => {
      stopWatching();
      stopWatching = watchDocument(element, setHeight, handlers);
    };
    element.addEventListener('load', onLoad);
    onLoad();
    return () => {
      element.removeEventListener('load', onLoad);
      stopWatching();
    };
  }, []);

  return (
    <iframe
      ref={frame}
      className="reading-frame"
      title={t('reading.bodyTitle')}
      // Never `allow-scripts` beside `allow-same-origin`: together they would undo the sandbox.
      sandbox="allow-same-origin"
      referrerPolicy="no-referrer"
      srcDoc={safe.document}
      style={{ blockSize: height }}
    />
  );
}

interface Handlers {
  readonly current: Pick<HtmlBodyProps, 'onLink' | 'onKey'>;
}

function watchDocument(frame: HTMLIFrameElement, setHeight: (px: number) => void, handlers: Handlers): () => void {
  const page = frame.contentDocument;
  // Asked before the document is written there is no element yet; `load` asks again.
  const root = page?.querySelector('html') ?? null;
  if (page === null || root === null) return () => undefined;
  const measure = (): void => {
    const wanted = Math.ceil(root.getBoundingClientRect().height);
    setHeight(Math.min(tallestPx, Math.max(40, wanted)));
  };
  const observer = new ResizeObserver(measure);
  observer.observe(root);
  measure();
  const onClick = (event: Event): void => {
    const link = linkOf(event.target);
    if (link === null) return;
    event.preventDefault();
    const address = link.getAttribute(linkAttribute);
    if (address !== null && (event.type === 'click' || isMiddle(event)))
      handlers.current.onLink(address, link.textContent ?? '');
  };
  const onKeyDown = (event: KeyboardEvent): void => handlers.current.onKey(event);
  page.addEventListener('click', onClick);
  page.addEventListener('auxclick', onClick);
  page.addEventListener('keydown', onKeyDown);
  return () => {
    observer.disconnect();
    page.removeEventListener('click', onClick);
    page.removeEventListener('auxclick', onClick);
    page.removeEventListener('keydown', onKeyDown);
  };
}

function isMiddle(event: Event): boolean {
  return event instanceof Object && 'button' in event && event.button === 1;
}

/** Objects of the frame belong to its own realm, where `instanceof` of this one says nothing: they are asked for what they can do. */
function linkOf(target: EventTarget | null): Element | null {
  if (target === null || !('closest' in target) || typeof target.closest !== 'function') return null;
  const found: unknown = target.closest('a, area');
  return isElement(found) ? found : null;
}

function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && 'getAttribute' in value && 'textContent' in value;
}

/** Pictures within the message, as addresses that load nothing. */
function useInlineImages(message: ParsedMessage): ReadonlyMap<string, string> {
  const host = useHost();
  const [images, setImages] = useState<ReadonlyMap<string, string>>(() => new Map());
  useEffect(() => {
    const stop = new AbortController();
    const wanted = message.attachments.filter(
      (part) =>
        part.contentId !== undefined &&
        /^image\/(?:png|jpe?g|gif|webp|bmp|avif)$/i.test(part.contentType) &&
        part.sizeOctets <= largestInlineOctets,
    );
    if (wanted.length === 0) return;
    const load = async (): Promise<void> => {
      const loaded = await Promise.allSettled(
        wanted.map(async (part) => {
          const blob = await host.fetchBlob(partPath(message.messageKey, part.partId), stop.signal);
          return [bareId(part.contentId ?? ''), await readAsDataUrl(blob, part.contentType)] as const;
        }),
      );
      if (!stop.signal.aborted)
        setImages(new Map(loaded.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))));
    };
    void load();
    return () => stop.abort();
  }, [host, message]);
  return images;
}

function bareId(contentId: string): string {
  return contentId.replace(/^<|>$/g, '');
}

function readAsDataUrl(blob: Blob, contentType: string): Promise<string> {
  return new Promise((settle, fail) => {
    const reader = new FileReader();
    reader.onload = () => settle(String(reader.result));
    reader.onerror = () => fail(reader.error ?? new Error('The picture could not be read.'));
    reader.readAsDataURL(new Blob([blob], { type: contentType }));
  });
}
