import { ArrowRight } from 'lucide-react';
import type { MailSourceView, SourceFolder } from '#shared/mail/mail-source.ts';
import { formatSize, t } from '../../i18n/index.ts';
import { Checkbox, Icon } from '../../ui/index.ts';
import { byAccount, countOf } from './import-choice.ts';
import { choose, useImport } from './import-state.ts';

/** The folders that lie there, by account, with a tick for each. */
export function FolderChoice({ source }: { source: MailSourceView }) {
  const { chosen } = useImport((state) => state.choice);
  const groups = byAccount(source.folders);
  const set = (folders: readonly SourceFolder[], isChosen: boolean): void => {
    const ids = new Set(chosen);
    for (const { id } of folders) {
      if (isChosen) ids.add(id);
      else ids.delete(id);
    }
    choose({ chosen: ids });
  };
  return (
    <div className="importing-folders">
      {groups.map(({ account, folders }) => (
        <fieldset key={account ?? ''} className="importing-group">
          <legend className={folders.length > 1 || account !== null ? 'ui-visually-hidden' : undefined}>
            {account ?? t('importing.what.folders')}
          </legend>
          {(folders.length > 1 || account !== null) && (
            <All account={account} folders={folders} chosen={chosen} onSet={(isChosen) => set(folders, isChosen)} />
          )}
          {folders.map((folder) => (
            <Row
              key={folder.id}
              folder={folder}
              hasLabels={source.kind === 'takeout'}
              isChosen={chosen.has(folder.id)}
              onSet={(isChosen) => set([folder], isChosen)}
            />
          ))}
        </fieldset>
      ))}
    </div>
  );
}

function All(props: {
  account: string | null;
  folders: readonly SourceFolder[];
  chosen: ReadonlySet<string>;
  onSet: (isChosen: boolean) => void;
}) {
  const { account, folders, chosen, onSet } = props;
  const many = folders.filter(({ id }) => chosen.has(id)).length;
  return (
    <Checkbox
      className="importing-all"
      isSelected={many === folders.length}
      isIndeterminate={many > 0 && many < folders.length}
      onChange={onSet}
      aria-label={account === null ? t('importing.what.allFolders') : t('importing.what.all', { account })}
    >
      <bdi>{account ?? t('importing.what.allFolders')}</bdi>
    </Checkbox>
  );
}

function Row(props: {
  folder: SourceFolder;
  hasLabels: boolean;
  isChosen: boolean;
  onSet: (isChosen: boolean) => void;
}) {
  const { folder, isChosen, onSet } = props;
  const layout = useImport((state) => state.choice.layout);
  const moves = layout === 'apart' && !props.hasLabels && folder.folder !== folder.name;
  return (
    <div className="importing-row">
      <Checkbox isSelected={isChosen} onChange={onSet} className="importing-row-name">
        <bdi>{folder.name}</bdi>
        {moves && (
          <span className="importing-to">
            {' '}
            <Icon of={ArrowRight} />
            <span className="ui-visually-hidden">{t('importing.what.to', { folder: folder.folder })}</span>
            <bdi aria-hidden="true">{folder.folder}</bdi>
          </span>
        )}
      </Checkbox>
      <span className="importing-count">
        <Count folder={folder} />
      </span>
      <span className="importing-size">{formatSize(folder.octets)}</span>
    </div>
  );
}

function Count({ folder }: { folder: SourceFolder }) {
  const counts = useImport((state) => state.counts);
  const counted = countOf(folder, counts);
  if (counted === null) return null;
  return t(counted.isExact ? 'importing.what.messages' : 'importing.what.about', { count: counted.messages });
}
