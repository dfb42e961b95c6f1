import { ChevronRight } from 'lucide-react';
import { type ReactElement, useRef } from 'react';
import {
  Menu as AriaMenu,
  MenuItem,
  MenuTrigger,
  Popover,
  type PopoverProps,
  Separator,
  SubmenuTrigger,
  Text,
} from 'react-aria-components';
import { Icon, type IconType } from './icon.tsx';
import { Kbd } from './kbd.tsx';
import './menu.css';

export type MenuEntry =
  | { kind: 'separator'; id: string }
  | { kind: 'submenu'; id: string; label: string; icon?: IconType; entries: readonly MenuEntry[]; isDisabled?: boolean }
  | {
      kind?: 'act';
      id: string;
      label: string;
      description?: string;
      icon?: IconType;
      shortcut?: string;
      isDanger?: boolean;
      isDisabled?: boolean;
      onAction: () => void;
    };

/** A button (the one child) with a menu under it. */
export function MenuButton(props: {
  label: string;
  entries: readonly MenuEntry[];
  placement?: PopoverProps['placement'];
  children: ReactElement;
}) {
  return (
    <MenuTrigger>
      {props.children}
      <Popover className="ui-popover" placement={props.placement ?? 'bottom start'} offset={4}>
        <MenuList label={props.label} entries={props.entries} />
      </Popover>
    </MenuTrigger>
  );
}

/** A menu at a point of the window; rendered while `at` is given. */
export function ContextMenu(props: {
  label: string;
  entries: readonly MenuEntry[];
  at: { x: number; y: number } | null;
  onClose: () => void;
}) {
  const anchor = useRef<HTMLSpanElement>(null);
  return (
    <>
      <span
        ref={anchor}
        aria-hidden="true"
        style={{ position: 'fixed', left: props.at?.x ?? 0, top: props.at?.y ?? 0, width: 0, height: 0 }}
      />
      <Popover
        className="ui-popover"
        triggerRef={anchor}
        isOpen={props.at !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) props.onClose();
        }}
        placement="bottom start"
        offset={0}
      >
        <MenuList label={props.label} entries={props.entries} onClose={props.onClose} />
      </Popover>
    </>
  );
}

function MenuList(props: { label: string; entries: readonly MenuEntry[]; onClose?: () => void }) {
  return (
    <AriaMenu className="ui-menu" aria-label={props.label} onClose={props.onClose} autoFocus="first">
      {props.entries.map((entry) => (
        <Entry key={entry.id} entry={entry} onClose={props.onClose} />
      ))}
    </AriaMenu>
  );
}

function Entry({ entry, onClose }: { entry: MenuEntry; onClose: (() => void) | undefined }) {
  if (entry.kind === 'separator') return <Separator className="ui-menu-separator" />;
  if (entry.kind === 'submenu')
    return (
      <SubmenuTrigger>
        <MenuItem id={entry.id} textValue={entry.label} isDisabled={entry.isDisabled === true} className="ui-menu-item">
          {entry.icon !== undefined && <Icon of={entry.icon} />}
          <span className="ui-menu-words">
            <Text slot="label">{entry.label}</Text>
          </span>
          <Icon of={ChevronRight} className="ui-flips" />
        </MenuItem>
        <Popover className="ui-popover" offset={-2}>
          <MenuList label={entry.label} entries={entry.entries} onClose={onClose} />
        </Popover>
      </SubmenuTrigger>
    );
  return (
    <MenuItem
      id={entry.id}
      textValue={entry.label}
      isDisabled={entry.isDisabled === true}
      onAction={entry.onAction}
      className="ui-menu-item"
      data-danger={entry.isDanger === true ? '' : undefined}
    >
      {entry.icon !== undefined && <Icon of={entry.icon} />}
      <span className="ui-menu-words">
        <Text slot="label">{entry.label}</Text>
        {entry.description !== undefined && (
          <Text slot="description" className="ui-menu-description">
            {entry.description}
          </Text>
        )}
      </span>
      {entry.shortcut !== undefined && <Kbd keys={entry.shortcut} />}
    </MenuItem>
  );
}
