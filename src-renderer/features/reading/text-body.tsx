import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { t } from '../../i18n/index.ts';
import { Icon } from '../../ui/index.ts';
import { findLinks, hasFewAddresses, splitText, type TextBlock, unquote } from './text-blocks.ts';

/** Quotes up to this many lines stay open: folding them would cost more than it saves. */
const shortQuoteLines = 6;
/** What is read of a text at once; the source has the rest. */
const mostCharacters = 400_000;

type OnLink = (address: string, text: string) => void;

/** Plain text: links found, quotes folded, the signature set back. */
export function TextBody({ text, onLink: onAnyLink }: { text: string; onLink: OnLink }) {
  if (text.trim() === '') return <p className="reading-empty">{t('reading.emptyBody')}</p>;
  const shown = text.slice(0, mostCharacters);
  const blocks = splitText(shown);
  // Tens of thousands of buttons would stop the window for many seconds.
  const onLink = hasFewAddresses(shown) ? onAnyLink : null;
  return (
    <div className="reading-text" dir="auto">
      {numbered(blocks).map(({ at, item }) => (
        <Block key={at} block={item} isLast={at === blocks.length - 1} onLink={onLink} />
      ))}
    </div>
  );
}

function Block({ block, isLast, onLink }: { block: TextBlock; isLast: boolean; onLink: OnLink | null }) {
  if (block.kind === 'quote') return <Quote lines={block.lines} isLast={isLast} onLink={onLink} />;
  return (
    <div className={block.kind === 'signature' ? 'reading-signature' : undefined}>
      {numbered(block.lines).map(({ at, item }) => (
        <Line key={at} text={item} onLink={onLink} />
      ))}
    </div>
  );
}

function Quote(props: { lines: readonly string[]; isLast: boolean; onLink: OnLink | null }) {
  const isLong = props.lines.length > shortQuoteLines;
  const [isOpen, setOpen] = useState(!isLong);
  return (
    <div className="reading-quote">
      {isLong && (
        <AriaButton className="reading-fold" aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
          <Icon of={ChevronRight} />
          {isOpen ? t('reading.hideQuote') : t('reading.quoted', { count: props.lines.length })}
        </AriaButton>
      )}
      {isOpen &&
        numbered(props.lines).map(({ at, item }) => {
          const { depth, text } = unquote(item);
          return (
            <div key={at} className="reading-quoted" style={{ marginInlineStart: (depth - 1) * 12 }}>
              <Line text={text} onLink={props.onLink} />
            </div>
          );
        })}
    </div>
  );
}

function Line({ text, onLink }: { text: string; onLink: OnLink | null }) {
  if (text === '') return <br />;
  if (onLink === null) return <div className="reading-line">{text}</div>;
  return (
    <div className="reading-line">
      {numbered(findLinks(text)).map(({ at, item }) =>
        item.kind === 'plain' ? (
          item.text
        ) : (
          <AriaButton key={at} className="reading-link" onPress={() => onLink(item.address, item.text)}>
            {item.text}
          </AriaButton>
        ),
      )}
    </div>
  );
}

/** A text never changes its order: the place of a piece is its name. */
function numbered<T>(items: readonly T[]): { at: number; item: T }[] {
  return items.map((item, at) => ({ at, item }));
}
