import { Download } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { sourcePath, useHost } from '../../host/host.ts';
import { formatSize, t } from '../../i18n/index.ts';
import { Button, ErrorPanel, Skeleton } from '../../ui/index.ts';

const shownOctets = 1_000_000;

type Loaded =
  | { kind: 'loading' }
  | { kind: 'failed'; error: unknown }
  | { kind: 'ready'; text: string; isCut: boolean };

/** The bytes as they came, as text. */
export function SourceView({ message }: { message: ParsedMessage }) {
  const host = useHost();
  const [source, setSource] = useState<Loaded>({ kind: 'loading' });
  const { messageKey } = message;
  useEffect(() => {
    const stop = new AbortController();
    setSource({ kind: 'loading' });
    host
      .fetchBlob(sourcePath(messageKey), stop.signal)
      .then(async (blob) => {
        const text = await blob.slice(0, shownOctets).text();
        if (!stop.signal.aborted) setSource({ kind: 'ready', text, isCut: blob.size > shownOctets });
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setSource({ kind: 'failed', error });
      });
    return () => stop.abort();
  }, [host, messageKey]);
  return (
    <section className="reading-source" aria-label={t('reading.source')}>
      <div className="reading-source-head">
        <span className="reading-muted">
          {source.kind === 'ready' && source.isCut
            ? t('reading.sourceCut', { size: formatSize(shownOctets) })
            : formatSize(message.sizeOctets)}
        </span>
        <Button
          size="small"
          icon={Download}
          onPress={() => void host.saveBlob(sourcePath(messageKey), `${safeName(message.subject)}.eml`)}
        >
          {t('reading.saveSource')}
        </Button>
      </div>
      {source.kind === 'loading' && <Skeleton height={160} />}
      {source.kind === 'failed' && <ErrorPanel error={source.error} />}
      {source.kind === 'ready' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keys
        <pre tabIndex={0} dir="ltr">
          {source.text}
        </pre>
      )}
    </section>
  );
}

/** A file name of the subject: no separators, no direction overrides, not too long. */
function safeName(subject: string): string {
  const plain = subject
    .replace(/[\p{C}<>:"/\\|?*]+/gu, ' ')
    .trim()
    .slice(0, 80);
  return plain === '' ? 'message' : plain;
}
