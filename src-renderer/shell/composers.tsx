import { Minus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Composer } from '../features/composing/composer.tsx';
import { t } from '../i18n/index.ts';
import { type OpenComposer, useNavigation } from '../navigation.ts';
import { Button, IconButton } from '../ui/index.ts';
import { ErrorBoundary } from './error-boundary.tsx';

/** Messages being written: the latest in front, all of them put aside and back with one key. */
export function Composers() {
  const composers = useNavigation((state) => state.composers);
  const [front, setFront] = useState<string | null>(null);
  const [isAside, setAside] = useState(false);
  const latest = composers.at(-1)?.id ?? null;
  useEffect(() => {
    setFront(latest);
    if (latest !== null) setAside(false);
  }, [latest]);
  if (composers.length === 0) return null;
  const shown = composers.some(({ id }) => id === front) ? front : latest;
  return (
    <>
      <section
        className="shell-composers"
        aria-label={t('app.composers')}
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
          <IconButton label={t('app.hideComposer')} icon={Minus} onPress={() => setAside(true)} />
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
        <div className="shell-aside">
          {composers.map((composer) => (
            <Button
              key={composer.id}
              onPress={() => {
                setFront(composer.id);
                setAside(false);
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
