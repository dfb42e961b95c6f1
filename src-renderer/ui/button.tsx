import type { ReactElement, ReactNode, Ref } from 'react';
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Tooltip as AriaTooltip,
  TooltipTrigger,
} from 'react-aria-components';
import { Icon, type IconType } from './icon.tsx';
import { Kbd } from './kbd.tsx';
import { ProgressRing } from './progress.tsx';
import './button.css';

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger' | 'link';

export interface ButtonProps extends Omit<AriaButtonProps, 'children' | 'className'> {
  variant?: ButtonVariant;
  size?: 'small' | 'medium';
  icon?: IconType;
  children: ReactNode;
  className?: string;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with words. `isPending` keeps its place and shows that something runs. */
export function Button({ variant = 'secondary', size = 'medium', icon, children, className, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={joinClasses('ui-button', className)} data-variant={variant} data-size={size}>
      {rest.isPending === true ? (
        <ProgressRing label={null} value={null} size={16} />
      ) : (
        icon !== undefined && <Icon of={icon} />
      )}
      {children}
    </AriaButton>
  );
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'children' | 'className' | 'aria-label'> {
  /** What it does: the accessible name and the tooltip. */
  label: string;
  icon: IconType;
  iconSize?: 16 | 20;
  size?: 'small' | 'medium';
  /** Keys shown in the tooltip, for example `Ctrl+Enter`. */
  shortcut?: string;
  isActive?: boolean;
  className?: string;
  ref?: Ref<HTMLButtonElement>;
}

/** A button that is only an icon; its label appears as a tooltip. */
export function IconButton(props: IconButtonProps) {
  const { label, icon, iconSize = 16, size = 'medium', shortcut, isActive, className, ...rest } = props;
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <AriaButton
        {...rest}
        aria-label={label}
        aria-pressed={isActive}
        className={joinClasses('ui-icon-button', className)}
        data-size={size}
      >
        <Icon of={icon} size={iconSize} />
      </AriaButton>
    </Tooltip>
  );
}

/** Words that appear beside a focusable element on hover and on focus. */
export function Tooltip({ text, shortcut, children }: { text: string; shortcut?: string; children: ReactElement }) {
  return (
    <TooltipTrigger delay={500} closeDelay={80}>
      {children}
      <AriaTooltip className="ui-tooltip" offset={6}>
        {text}
        {shortcut !== undefined && <Kbd keys={shortcut} />}
      </AriaTooltip>
    </TooltipTrigger>
  );
}

/** Joins class names, leaving out what is not there. */
export function joinClasses(...names: (string | false | null | undefined)[]): string {
  return names.filter((name) => typeof name === 'string' && name !== '').join(' ');
}
