import { lazy, Suspense, useRef, useState } from 'react';
import type { DraftContent } from '#shared/mail/message.ts';
import { t } from '../../i18n/index.ts';
import { Button, Dialog, Skeleton } from '../../ui/index.ts';
import { type DocNode, docFromPlain, losesFormatting, plainFromDoc } from './rich-text.ts';

const RichEditor = lazy(async () => ({ default: (await import('./rich-editor.tsx')).RichEditor }));

export interface BodyEditorProps {
  content: DraftContent;
  onChange: (patch: Pick<DraftContent, 'text' | 'html'>) => void;
  /** Begin with rich text although the draft has none yet. */
  prefersRich: boolean;
  autoFocus: boolean;
}

/** The words of the message, plain or rich, and the switch between the two. */
export function BodyEditor({ content, onChange, prefersRich, autoFocus }: BodyEditorProps) {
  const [rich, setRich] = useState<string | DocNode | null>(() =>
    content.html !== null ? content.html : prefersRich ? docFromPlain(content.text) : null,
  );
  const doc = useRef<DocNode>({});
  const [isAsking, setAsking] = useState(false);

  const makePlain = (): void => {
    setAsking(false);
    setRich(null);
    onChange({ text: plainFromDoc(doc.current), html: null });
  };
  return (
    <div className="composer-body">
      {rich === null ? (
        <textarea
          className="composer-plain"
          aria-label={t('composing.body')}
          value={content.text}
          onChange={(event) => onChange({ text: event.currentTarget.value, html: null })}
          // biome-ignore lint/a11y/noAutofocus: a reply begins in its text, as every mail client does
          autoFocus={autoFocus}
          ref={toStart}
          spellCheck="true"
        />
      ) : (
        <Suspense fallback={<Skeleton height={24} />}>
          <RichEditor
            initial={rich}
            autoFocus={autoFocus}
            onReady={(fresh) => {
              doc.current = fresh;
            }}
            onChange={(html, changed) => {
              doc.current = changed;
              onChange({ html, text: plainFromDoc(changed) });
            }}
          />
        </Suspense>
      )}
      <Button
        variant="quiet"
        size="small"
        className="composer-format"
        onPress={() => {
          if (rich === null) setRich(docFromPlain(content.text));
          else if (losesFormatting(doc.current)) setAsking(true);
          else makePlain();
        }}
      >
        {rich === null ? t('composing.format.toRich') : t('composing.format.toPlain')}
      </Button>
      <Dialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={t('composing.format.lose.title')}
        size="small"
        role="alertdialog"
        actions={
          <>
            <Button onPress={() => setAsking(false)}>{t('ui.cancel')}</Button>
            <Button variant="primary" onPress={makePlain}>
              {t('composing.format.lose.act')}
            </Button>
          </>
        }
      >
        <p>{t('composing.format.lose.text')}</p>
      </Dialog>
    </div>
  );
}

/** A reply is written above what it quotes: the caret begins at the start, not at the end. */
function toStart(area: HTMLTextAreaElement | null): void {
  if (area !== null && document.activeElement === area) area.setSelectionRange(0, 0);
}
