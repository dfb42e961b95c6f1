import { t } from '../../i18n/index.ts';
import { Dialog, Kbd } from '../../ui/index.ts';
import { type Command, writeKeys } from './commands.ts';
import './palette.css';

const groups = ['mail', 'list', 'app', 'go'] as const;

const firstTag = 'tag-1';

/** Nine keys that do alike are one line. */
function isFurtherTag({ id }: Command): boolean {
  return /^tag-[2-9]$/.test(id);
}

/** Which key does what. */
export function KeyboardMap({ commands, onClose }: { commands: readonly Command[]; onClose: () => void }) {
  return (
    <Dialog title={t('status.keys')} isOpen onClose={onClose} size="large" isText>
      <p className="keymap-text">{t('status.keysText')}</p>
      <div className="keymap">
        {groups.map((group) => (
          <section key={group}>
            <h3>{t(`status.group.${group}`)}</h3>
            <dl>
              {commands
                .filter((command) => command.group === group && !isFurtherTag(command))
                .map(({ id, label, keys }) =>
                  keys === undefined ? null : (
                    <div key={id}>
                      <dt>{id === firstTag ? t('status.keysTags') : label}</dt>
                      <dd>
                        <Kbd keys={writeKeys(keys)} />
                        {id === firstTag && (
                          <>
                            {' – '}
                            <Kbd keys="9" />
                          </>
                        )}
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
