import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { errorDetails, errorText, t } from '../i18n/index.ts';
import { Button, IconButton, joinClasses } from './button.tsx';
import { Icon, type IconType } from './icon.tsx';
import './panels.css';
import './state-mark.css';

export interface EmptyStateProps {
  icon: IconType;
  title: string;
  text?: string;
  action?: ReactNode;
  /** It stands where the keyboard has its place: what was here is gone or not there yet. */
  isFocusHome?: boolean;
}

/** Says what will be here, and offers the one sensible act. */
export function EmptyState(props: EmptyStateProps) {
  const id = useId();
  const home = {
    role: 'group',
    tabIndex: -1,
    'data-focus-home': '',
    'aria-label': props.title,
    'aria-describedby': props.text === undefined ? undefined : id,
  };
  return (
    <div className="ui-empty" {...(props.isFocusHome === true ? home : {})}>
      <span className="ui-empty-icon">
        <Icon of={props.icon} size={20} />
      </span>
      <p className="ui-empty-title">{props.title}</p>
      {props.text !== undefined && (
        <p className="ui-empty-text" id={id}>
          {props.text}
        </p>
      )}
      {props.action !== undefined && <div className="ui-empty-act">{props.action}</div>}
    </div>
  );
}

export interface ErrorPanelProps {
  /** A `MailError`, its data, or anything thrown. */
  error: unknown;
  /** The one button that does what the advice says. */
  action?: { label: string; onPress: () => void };
  /** A headline better than the usual one for the code. */
  headline?: string;
}

/** What happened, what it means for the mail, what to do; the server's words in the details. */
export function ErrorPanel({ error, action, headline }: ErrorPanelProps) {
  const words = errorText(error);
  const details = errorDetails(error);
  return (
    <div className="ui-error" role="alert">
      <Icon of={CircleAlert} size={20} />
      <div className="ui-error-words">
        <p className="ui-error-headline">{headline ?? words.headline}</p>
        <p>{words.meaning}</p>
        <p>{words.advice}</p>
        {action !== undefined && (
          <div className="ui-error-act">
            <Button size="small" onPress={action.onPress}>
              {action.label}
            </Button>
          </div>
        )}
        {details !== '' && <Details summary={t('ui.details')} text={details} />}
      </div>
    </div>
  );
}

/** Something longer, folded away. */
export function Details({ summary, text }: { summary: string; text: string }) {
  return (
    <details className="ui-details">
      <summary>{summary}</summary>
      <pre>{text}</pre>
    </details>
  );
}

export type BannerLevel = 'info' | 'success' | 'warning' | 'error';

const bannerLooks = {
  info: { icon: Info, colour: 'trying' },
  success: { icon: CircleCheck, colour: 'took-it' },
  warning: { icon: TriangleAlert, colour: 'waiting' },
  error: { icon: CircleAlert, colour: 'refused' },
} as const;

/** A quiet bar across the top of what it is about. */
export function Banner(props: {
  level: BannerLevel;
  children: ReactNode;
  actions?: ReactNode;
  onDismiss?: () => void;
  className?: string;
}) {
  const look = bannerLooks[props.level];
  return (
    <div
      className={joinClasses('ui-banner', props.className)}
      data-state-colour={look.colour}
      role={props.level === 'error' ? 'alert' : 'status'}
    >
      <Icon of={look.icon} />
      <div className="ui-banner-words">{props.children}</div>
      {props.actions !== undefined && <div className="ui-banner-acts">{props.actions}</div>}
      {props.onDismiss !== undefined && (
        <IconButton label={t('ui.dismiss')} icon={X} size="small" onPress={props.onDismiss} />
      )}
    </div>
  );
}

/** A titled part of a page. */
export function Section(props: {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  id?: string;
}) {
  const titleId = useId();
  return (
    <section className={joinClasses('ui-section', props.className)} aria-labelledby={titleId} id={props.id}>
      <div className="ui-section-head">
        <div>
          <h2 className="ui-section-title" id={titleId}>
            {props.title}
          </h2>
          {props.description !== undefined && <p className="ui-section-description">{props.description}</p>}
        </div>
        {props.actions}
      </div>
      {props.children}
    </section>
  );
}

export function Card({
  children,
  className,
  isPadded = true,
}: {
  children: ReactNode;
  className?: string;
  isPadded?: boolean;
}) {
  return (
    <div className={joinClasses('ui-card', className)} data-padded={isPadded ? '' : undefined}>
      {children}
    </div>
  );
}

/** Read by screen readers, not shown. */
export function VisuallyHidden({ children }: { children: ReactNode }) {
  return <span className="ui-visually-hidden">{children}</span>;
}
