import { type ReactNode, useEffect, useId, useRef } from 'react';
import { joinClasses } from './button.tsx';
import './page.css';

export interface PageProps {
  title: string;
  description?: ReactNode;
  /** Buttons beside the title. */
  actions?: ReactNode;
  children: ReactNode;
  /** `reading`: a column of readable width; `wide`: tables. */
  width?: 'reading' | 'wide';
  className?: string;
}

/** A screen that fills the window: its title, what can be done with all of it, and a body that scrolls. */
export function Page({ title, description, actions, children, width = 'wide', className }: PageProps) {
  const titleId = useId();
  const page = useRef<HTMLElement>(null);
  useEffect(() => {
    // Opened by a key that was pressed nowhere: the keyboard goes on here, not from the top of the window. What is in it
    // may take the focus first.
    const frame = requestAnimationFrame(() => {
      if (document.activeElement === document.body) page.current?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <section
      ref={page}
      className={joinClasses('ui-page', className)}
      aria-labelledby={titleId}
      data-width={width}
      data-focus-home=""
      tabIndex={-1}
    >
      <div className="ui-page-inner">
        <header className="ui-page-head">
          <div className="ui-page-words">
            <h1 className="ui-page-title" id={titleId}>
              {title}
            </h1>
            {description !== undefined && <div className="ui-page-description">{description}</div>}
          </div>
          {actions !== undefined && <div className="ui-page-actions">{actions}</div>}
        </header>
        {children}
      </div>
    </section>
  );
}
