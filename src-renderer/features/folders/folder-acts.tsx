import { FolderPlus, Pencil, Trash2 } from 'lucide-react';
import { type Dispatch, type FormEvent, type SetStateAction, useState } from 'react';
import { FolderPath } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Api } from '#shared/rpc/client.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { createFolder, removeFolder, renameFolder } from '../../projection/folder-actions.ts';
import { fixedFolderOf, isOwnFolder } from '../../projection/folder-names.ts';
import { Button, ContextMenu, Dialog, ErrorPanel, type MenuEntry, TextField } from '../../ui/index.ts';

/** What is being done to a folder. */
export type FolderAct =
  | { kind: 'menu'; path: string; at: { x: number; y: number } }
  | { kind: 'create'; inside: string | null }
  | { kind: 'rename'; path: string };

/** The folder menu, and the dialog for its name. */
export function FolderActs(props: { act: FolderAct | null; onAct: Dispatch<SetStateAction<FolderAct | null>> }) {
  const { act, onAct } = props;
  const api = useApi();
  const path = act?.kind === 'menu' ? act.path : '';
  return (
    <>
      <ContextMenu
        label={act?.kind === 'menu' ? t('folders.actions', { folder: path }) : ''}
        at={act?.kind === 'menu' ? act.at : null}
        entries={act?.kind === 'menu' ? entriesFor(api, path, onAct) : []}
        // What was chosen may be a dialog by now, which stays.
        onClose={() => onAct((now) => (now?.kind === 'menu' ? null : now))}
      />
      {act !== null && act.kind !== 'menu' && <NameDialog act={act} onClose={() => onAct(null)} />}
    </>
  );
}

function entriesFor(api: Api, path: string, onAct: (act: FolderAct | null) => void): MenuEntry[] {
  const create: MenuEntry = {
    id: 'create',
    label: t(fixedFolderOf(path) === undefined ? 'folders.createInside' : 'folders.create'),
    icon: FolderPlus,
    onAction: () => onAct({ kind: 'create', inside: fixedFolderOf(path) === undefined ? path : null }),
  };
  if (isOwnFolder(path)) return [create];
  return [
    create,
    { id: 'rename', label: t('folders.rename'), icon: Pencil, onAction: () => onAct({ kind: 'rename', path }) },
    { kind: 'separator', id: 'line' },
    {
      id: 'remove',
      label: t('folders.remove'),
      icon: Trash2,
      isDanger: true,
      onAction: () => {
        onAct(null);
        void removeFolder(api, FolderPath.parse(path));
      },
    },
  ];
}

function NameDialog({ act, onClose }: { act: Exclude<FolderAct, { kind: 'menu' }>; onClose: () => void }) {
  const api = useApi();
  const [name, setName] = useState(act.kind === 'rename' ? act.path : act.inside === null ? '' : `${act.inside}/`);
  const [problem, setProblem] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const title = t(act.kind === 'rename' ? 'folders.rename' : 'folders.create');

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const parsed = FolderPath.safeParse(name.trim());
    if (!parsed.success) return setProblem(parsed.error.issues[0]?.message ?? t('folders.empty'));
    try {
      if (act.kind === 'create') await createFolder(api, parsed.data);
      else if (parsed.data !== act.path) await renameFolder(api, FolderPath.parse(act.path), parsed.data);
      onClose();
    } catch (failure) {
      // A name that cannot be is said at the field.
      if (failure instanceof MailError && failure.code === 'EINVALID') setProblem(failure.message);
      else setError(failure);
    }
  }

  return (
    <Dialog title={title} isOpen onClose={onClose} size="small">
      <form onSubmit={(event) => void save(event)} className="folders-form">
        <TextField
          label={t('folders.name')}
          description={t(act.kind === 'rename' ? 'folders.renameHint' : 'folders.nameHint')}
          value={name}
          onChange={(value) => {
            setName(value);
            setProblem(null);
          }}
          error={problem}
          autoFocus
        />
        {error !== null && <ErrorPanel error={error} />}
        <div className="folders-form-acts">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button variant="primary" type="submit">
            {title}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
