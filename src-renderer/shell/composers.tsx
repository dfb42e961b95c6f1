import { Minus, PenLine } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Composer } from '../features/composing/composer.tsx';
import { t } from '../i18n/index.ts';
import { type OpenComposer, useNavigation, type View } from '../navigation.ts';
import { Button, IconButton } from '../ui/index.ts';
import { ErrorBoundary } from './error-boundary.tsx';

/** Messages being written: the latest in front, all of them put aside and back with one key. */
export function Composers() {
  const composers = useNavigation((state) => state.composers);
  const [front, setFront] = useState<string | null>(null);
  const [isAside, setAside] = useState(false);
  const written = useRef<HTMLElement>(null);
  const waiting = useRef<HTMLDivElement>(null);
  /** Where the keyboard was in what is written. */
  const place = useRef<Element | null>(null);
  const latest = composers.at(-1)?.id ?? null;
  const view = useNavigation((state) => state.view);
  const seen = useRef(view);
  // Whoever goes elsewhere wants to see it: what is being written waits aside.
  useEffect(() => {
    const before = seen.current;
    seen.current = view;
    if (before !== view && isElsewhere(before, view)) setAside(true);
  }, [view]);
  // Also for one that is there already and was asked for again.
  useEffect(() => {
    const last = composers.at(-1)?.id ?? null;
    setFront(last);
    if (last !== null) setAside(false);
  }, [composers]);
  const putAside = (): void => {
    setAside(true);
    requestAnimationFrame(() => waiting.current?.querySelector('button')?.focus());
  };
  if (composers.length === 0) return null;
  const shown = composers.some(({ id }) => id === front) ? front : latest;
  return (
    <>
      <section
        className="shell-composers"
        aria-label={t('app.composers')}
        ref={written}
        onFocus={({ target }) => {
          if (target.matches(textFields)) place.current = target;
        }}
        hidden={isAside}
        data-single={composers.length === 1 ? '' : undefined}
      >
        {composers.length > 1 && (
          <div className="shell-composer-tabs">
            {composers.map((composer) => (
              <Button
                key={composer.id}
                size="small"
                variant={composer.id === shown ? 'secondary' : 'quiet'}
                aria-current={composer.id === shown ? 'true' : undefined}
                onPress={() => setFront(composer.id)}
              >
                {nameOf(composer)}
              </Button>
            ))}
          </div>
        )}
        <div className="shell-put-aside">
          <IconButton label={t('app.hideComposer')} icon={Minus} onPress={putAside} />
        </div>
        {composers.map(({ id, start }) => (
          <div key={id} className="shell-composer" hidden={id !== shown}>
            <ErrorBoundary>
              <Composer id={id} start={start} />
            </ErrorBoundary>
          </div>
        ))}
      </section>
      {isAside && (
        <div ref={waiting} className="shell-aside">
          {composers.map((composer) => (
            <Button
              key={composer.id}
              icon={PenLine}
              onPress={() => {
                setFront(composer.id);
                setAside(false);
                requestAnimationFrame(() => goOnWriting(written.current, place.current));
              }}
            >
              {nameOf(composer)}
            </Button>
          ))}
        </div>
      )}
    </>
  );
}

/** Another screen; in a window that a composer fills, another folder as well. */
function isElsewhere(before: View, view: View): boolean {
  if (view.kind !== 'mail') return view.kind !== before.kind;
  const isFilled = window.matchMedia('(max-width: 999px)').matches;
  return isFilled && (before.kind !== 'mail' || before.folder !== view.folder);
}

const textFields = 'input:not([type="file"]), textarea, [contenteditable="true"]';

/** Never onto a button, which the next key would press. */
function goOnWriting(written: HTMLElement | null, place: Element | null): void {
  const isShown = (element: Element): boolean => element.checkVisibility();
  const fields = [...(written?.querySelectorAll(`${textFields}`) ?? [])].filter(isShown);
  const field = fields.find((one) => one === place) ?? fields.at(-1);
  if (field instanceof HTMLElement) field.focus();
}

function nameOf({ start }: OpenComposer): string {
  switch (start.kind) {
    case 'reply':
    case 'reply-all':
      return t('app.composerReply');
    case 'forward':
      return t('app.composerForward');
    case 'edit':
      return t('app.composerEdit');
    case 'new':
      return t('app.composerNew');
  }
}
