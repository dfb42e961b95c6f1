import { Folder } from 'lucide-react';
import { Autocomplete, Input, ListBox, ListBoxItem, SearchField, useFilter } from 'react-aria-components';
import { FolderPath, type MessageKey } from '#shared/ids.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import { useApi } from '../../api.ts';
import { locale, t } from '../../i18n/index.ts';
import { copyMessages, destroyMessages, moveMessages, releaseMessages } from '../../projection/actions.ts';
import { type FolderNode, fixedFolderOf, folderLabel, folderTree } from '../../projection/folder-names.ts';
import { useFolders } from '../../projection/stores.ts';
import { Button, Dialog, Icon } from '../../ui/index.ts';

/** What lies in these came there by being written, sent or judged. */
const notForHand: readonly string[] = [fixed.outbox, fixed.drafts, fixed.quarantine];

/** Where the messages go. */
export function MoveDialog(props: { keys: readonly MessageKey[]; copies?: boolean; onClose: () => void }) {
  const { keys, onClose, copies = false } = props;
  const api = useApi();
  return (
    <FolderDialog
      title={t(copies ? 'messages.copyTitle' : 'messages.moveTitle', { count: keys.length })}
      onChoose={(to) => void (copies ? copyMessages : moveMessages)(api, keys, to)}
      onClose={onClose}
    />
  );
}

/** Chooses a folder by typing a part of its name. */
export function FolderDialog(props: { title: string; onChoose: (folder: FolderPath) => void; onClose: () => void }) {
  const folders = useFolders((state) => state.folders);
  const { contains } = useFilter({ sensitivity: 'base' });
  const targets = flatten(folderTree(folders, locale())).filter(({ path }) => !notForHand.includes(path));
  return (
    <Dialog title={props.title} isOpen onClose={props.onClose} size="small">
      <div className="move-list">
        <Autocomplete filter={contains}>
          <SearchField aria-label={t('messages.moveFilter')} autoFocus>
            <Input className="ui-input" placeholder={t('messages.moveFilter')} />
          </SearchField>
          <ListBox
            className="ui-menu move-folders"
            aria-label={t('folders.title')}
            items={targets.map((node) => ({ id: node.path, ...node }))}
            onAction={(key) => {
              const to = FolderPath.safeParse(key);
              if (!to.success) return;
              props.onClose();
              props.onChoose(to.data);
            }}
          >
            {(node) => (
              <ListBoxItem id={node.id} textValue={fullName(node.path)} className="ui-menu-item">
                <Icon of={Folder} />
                <span className="ui-menu-words">{fullName(node.path)}</span>
              </ListBoxItem>
            )}
          </ListBox>
        </Autocomplete>
      </div>
    </Dialog>
  );
}

function fullName(path: string): string {
  return fixedFolderOf(path) === undefined ? path.split('/').join(' / ') : folderLabel(FolderPath.parse(path));
}

function flatten(nodes: readonly FolderNode[]): FolderNode[] {
  return nodes.flatMap((node) => [node, ...flatten(node.children)]);
}

/** What the scanner held back may do harm: releasing it is asked about. */
export function ReleaseDialog({ keys, onClose }: { keys: readonly MessageKey[]; onClose: () => void }) {
  const api = useApi();
  const count = keys.length;
  return (
    <Question
      title={t('quarantine.releaseAskAll', { count })}
      text={t('quarantine.releaseTextAll')}
      act={t('quarantine.releaseDo', { count })}
      onAct={() => void releaseMessages(api, keys)}
      onClose={onClose}
    />
  );
}

/** The one act on messages that cannot be undone: it asks, and says on the button what it does. */
export function DestroyDialog({ keys, onClose }: { keys: readonly MessageKey[]; onClose: () => void }) {
  const api = useApi();
  const count = keys.length;
  return (
    <Question
      title={t('messages.destroyTitle', { count })}
      text={t('messages.destroyText')}
      act={t('messages.destroyDo', { count })}
      onAct={() => void destroyMessages(api, keys)}
      onClose={onClose}
    />
  );
}

interface QuestionProps {
  title: string;
  text: string;
  /** What the button says it does. */
  act: string;
  onAct: () => void;
  onClose: () => void;
}

function Question({ title, text, act, onAct, onClose }: QuestionProps) {
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      size="small"
      role="alertdialog"
      actions={
        <>
          <Button onPress={onClose} autoFocus>
            {t('ui.cancel')}
          </Button>
          <Button
            variant="danger"
            onPress={() => {
              onClose();
              onAct();
            }}
          >
            {act}
          </Button>
        </>
      }
    >
      <p>{text}</p>
    </Dialog>
  );
}
