import { ChevronRight, CircleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { t } from '../../i18n/index.ts';
import { Icon } from '../../ui/index.ts';

export interface FoldProps {
  title: string;
  /** In a few words what is set inside; '' when nothing is. */
  words: string;
  /** Something inside has to be mended: it stays open, and says so. */
  hasProblem: boolean;
  children: ReactNode;
}

/** A part of the editor that most people never need: folded, but telling when something in it is set. */
export function Fold({ title, words, hasProblem, children }: FoldProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      className="servers-fold"
      open={isOpen || hasProblem}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <Icon of={ChevronRight} />
        <span className="servers-fold-title">{title}</span>
        {hasProblem ? (
          <span className="servers-fold-problem">
            <Icon of={CircleAlert} />
            {t('outgoing-servers.part.problem')}
          </span>
        ) : (
          <span className="servers-fold-words">{words}</span>
        )}
      </summary>
      <div className="servers-fold-body">{children}</div>
    </details>
  );
}
