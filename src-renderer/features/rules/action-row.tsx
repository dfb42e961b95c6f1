import { X } from 'lucide-react';
import { useState } from 'react';
import { MailboxText } from '#shared/mail/address.ts';
import { t } from '../../i18n/index.ts';
import { folderLabel } from '../../projection/folder-names.ts';
import { useIdentities } from '../../projection/settings-parts.ts';
import { useFolders } from '../../projection/stores.ts';
import { IconButton, Select, TextField } from '../../ui/index.ts';
import { type ActionForm, actionKinds } from './rule-form.ts';

export interface ActionRowProps {
  action: ActionForm;
  number: number;
  isWrong: boolean;
  /** It was just asked for. */
  isNew: boolean;
  onChange: (action: ActionForm) => void;
  /** Absent for the only one. */
  onRemove?: () => void;
}

/** One act as a sentence: what is done, and where to. */
export function ActionRow({ action, number, isWrong, isNew, onChange, onRemove }: ActionRowProps) {
  const isSending = action.kind === 'forward' || action.kind === 'redirect';
  return (
    <fieldset className="rules-row">
      <legend className="ui-visually-hidden">{t('rules.action', { number })}</legend>
      <Select
        label={t('rules.what')}
        isLabelHidden
        autoFocus={isNew}
        options={actionKinds.map((kind) => ({ value: kind, label: t(`rules.act.${kind}`) }))}
        value={action.kind}
        onChange={(kind) => onChange({ ...action, kind })}
      />
      {(action.kind === 'move' || action.kind === 'copy') && (
        <FolderChoice
          folder={action.folder}
          onChange={(folder) => onChange({ ...action, folder })}
          error={isWrong ? t('rules.folder.missing') : null}
        />
      )}
      {action.kind === 'tag' && (
        <TextField
          label={t('rules.tag')}
          isLabelHidden
          className="rules-grows"
          value={action.tag}
          onChange={(tag) => onChange({ ...action, tag })}
          error={isWrong ? t('rules.tag.missing') : null}
          maxLength={64}
        />
      )}
      {isSending && <Recipient action={action} onChange={onChange} isWrong={isWrong} />}
      {onRemove !== undefined && (
        <IconButton label={t('rules.action.remove', { number })} icon={X} onPress={onRemove} />
      )}
    </fieldset>
  );
}

function Recipient({ action, onChange, isWrong }: Pick<ActionRowProps, 'action' | 'onChange' | 'isWrong'>) {
  const identities = useIdentities();
  return (
    <>
      <TextField
        label={t('rules.to')}
        isLabelHidden
        className="rules-grows"
        value={action.to}
        onChange={(to) => onChange({ ...action, to })}
        error={isWrong && !MailboxText.safeParse(action.to).success ? t('rules.to.wrong') : null}
        description={t('rules.sending.text')}
        inputMode="email"
        spellCheck="false"
      />
      <Select
        label={t('rules.identity')}
        isLabelHidden
        placeholder={t('rules.identity.missing')}
        options={identities.map(({ id, address }) => ({
          value: `${id}`,
          label: t('rules.act.by', { identity: address }),
        }))}
        value={action.identityId}
        onChange={(identityId) => onChange({ ...action, identityId })}
        error={isWrong && action.identityId === '' ? t('rules.identity.missing') : null}
      />
    </>
  );
}

const newFolder = '\n';

function FolderChoice(props: { folder: string; onChange: (folder: string) => void; error: string | null }) {
  const folders = useFolders((state) => state.folders).filter(({ folder }) => folder !== 'Outbox');
  const isKnown = folders.some(({ folder }) => folder === props.folder);
  const [isNew, setNew] = useState(props.folder !== '' && !isKnown);
  return (
    <>
      <Select
        label={t('rules.folder')}
        isLabelHidden
        placeholder={t('rules.folder.choose')}
        options={[
          ...folders.map(({ folder }) => ({
            value: `${folder}`,
            label: folder.includes('/') ? folder : folderLabel(folder),
          })),
          { value: newFolder, label: t('rules.folder.make') },
        ]}
        value={isNew ? newFolder : props.folder}
        onChange={(folder) => {
          setNew(folder === newFolder);
          props.onChange(folder === newFolder ? '' : folder);
        }}
        error={isNew ? null : props.error}
      />
      {isNew && (
        <TextField
          label={t('rules.folder.makeName')}
          isLabelHidden
          className="rules-grows"
          value={props.folder}
          onChange={props.onChange}
          description={t('rules.folder.make')}
          error={props.error}
        />
      )}
    </>
  );
}
