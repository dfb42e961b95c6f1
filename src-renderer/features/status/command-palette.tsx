import { Autocomplete, Input, Menu, MenuItem, SearchField, Text, useFilter } from 'react-aria-components';
import { t } from '../../i18n/index.ts';
import { Dialog, Kbd } from '../../ui/index.ts';
import { type Command, writeKeys } from './commands.ts';
import './palette.css';

/** Every command by name. */
export function CommandPalette({ commands, onClose }: { commands: readonly Command[]; onClose: () => void }) {
  const { contains } = useFilter({ sensitivity: 'base' });
  const offered = commands.filter((command) => command.isHidden !== true && command.isUsable?.() !== false);
  return (
    <Dialog title={t('status.commands')} isOpen onClose={onClose}>
      <Autocomplete filter={contains}>
        <SearchField aria-label={t('status.commands')} autoFocus className="palette-field">
          <Input className="ui-input" placeholder={t('status.commandsHint')} />
        </SearchField>
        <Menu
          className="palette-list"
          items={offered}
          renderEmptyState={() => <p className="palette-none">{t('status.commandsNone')}</p>}
          onAction={(id) => {
            onClose();
            offered.find((command) => command.id === id)?.run();
          }}
        >
          {(command) => (
            <MenuItem id={command.id} textValue={command.label} className="ui-menu-item">
              <span className="ui-menu-words">
                <Text slot="label">{command.label}</Text>
              </span>
              {command.keys !== undefined && <Kbd keys={writeKeys(command.keys)} />}
            </MenuItem>
          )}
        </Menu>
      </Autocomplete>
    </Dialog>
  );
}
