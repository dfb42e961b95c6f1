import { t } from '../../i18n/index.ts';
import { Dialog, Kbd } from '../../ui/index.ts';
import { type Command, writeKeys } from './commands.ts';
import './palette.css';

const groups = ['mail', 'list', 'go', 'app'] as const;

/** Which key does what. */
export function KeyboardMap({ commands, onClose }: { commands: readonly Command[]; onClose: () => void }) {
  return (
    <Dialog title={t('status.keys')} isOpen onClose={onClose} size="large">
      <p className="keymap-text">{t('status.keysText')}</p>
      <div className="keymap">
        {groups.map((group) => (
          <section key={group}>
            <h3>{t(`status.group.${group}`)}</h3>
            <dl>
              {commands
                .filter((command) => command.group === group)
                .map(({ id, label, keys }) =>
                  keys === undefined ? null : (
                    <div key={id}>
                      <dt>{label}</dt>
                      <dd>
                        <Kbd keys={writeKeys(keys)} />
                      </dd>
                    </div>
                  ),
                )}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
