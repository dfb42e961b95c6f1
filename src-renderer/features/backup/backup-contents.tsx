import { useEffect, useState } from 'react';
import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { BackupContents, BackupRow } from '#shared/mail/backup.ts';
import { useApi } from '../../api.ts';
import { formatDateShort, formatSize, t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Checkbox, Select } from '../../ui/index.ts';

/** What is to be put back. */
export type Choice =
  | { readonly kind: 'all' }
  | { readonly kind: 'folder'; readonly folder: FolderPath }
  | { readonly kind: 'messages'; readonly folder: FolderPath; readonly keys: readonly MessageKey[] };

const all = '\n';
const pageRows = 50;

/** The folders of a backup with their counts, and the messages of the one that was picked. */
export function Contents(props: { contents: BackupContents; choice: Choice; onChoose: (choice: Choice) => void }) {
  const { contents, choice, onChoose } = props;
  return (
    <>
      <Select
        label={t('backup.what')}
        options={[
          {
            value: all,
            label: t('backup.what.everything'),
            description: t('backup.messages', { count: contents.messages }),
          },
          ...contents.folders.map(({ folder, messages, octets }) => ({
            value: `${folder}`,
            label: folder,
            description: `${t('backup.messages', { count: messages })}, ${formatSize(octets)}`,
          })),
        ]}
        value={choice.kind === 'all' ? all : choice.folder}
        onChange={(value) => {
          const found = contents.folders.find(({ folder }) => folder === value);
          onChoose(found === undefined ? { kind: 'all' } : { kind: 'folder', folder: found.folder });
        }}
      />
      {choice.kind !== 'all' && (
        <Rows
          key={choice.folder}
          file={contents.file}
          folder={choice.folder}
          chosen={choice.kind === 'messages' ? choice.keys : []}
          onChange={(keys) =>
            onChoose(
              keys.length === 0
                ? { kind: 'folder', folder: choice.folder }
                : { kind: 'messages', folder: choice.folder, keys },
            )
          }
        />
      )}
    </>
  );
}

function Rows(props: {
  file: string;
  folder: FolderPath;
  chosen: readonly MessageKey[];
  onChange: (keys: MessageKey[]) => void;
}) {
  const { file, folder, chosen, onChange } = props;
  const api = useApi();
  const [rows, setRows] = useState<readonly BackupRow[]>([]);
  const [total, setTotal] = useState<number | null>(null);
  const [limit, setLimit] = useState(pageRows);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let isShown = true;
    api.call('backup.messages', { file, folder, offset: 0, limit }).then(
      (page) => {
        if (!isShown) return;
        setRows(page.rows);
        setTotal(page.total);
      },
      (thrown: unknown) => isShown && setError(thrown),
    );
    return () => {
      isShown = false;
    };
  }, [api, file, folder, limit]);
  if (error !== null) return <FormError error={error} />;
  if (total === 0) return <p className="backup-muted">{t('backup.folder.empty')}</p>;
  return (
    <fieldset className="backup-rows">
      <legend className="backup-muted">{t('backup.pick')}</legend>
      {rows.map((row) => (
        <Checkbox
          key={row.messageKey}
          isSelected={chosen.includes(row.messageKey)}
          onChange={(isChosen) =>
            onChange(isChosen ? [...chosen, row.messageKey] : chosen.filter((key) => key !== row.messageKey))
          }
        >
          <span className="backup-row">
            <bdi>{row.subject === '' ? t('backup.noSubject') : row.subject}</bdi>
            <span className="backup-muted">
              <bdi>{row.from}</bdi>, {formatDateShort(row.date)}, {formatSize(row.sizeOctets)}
            </span>
          </span>
        </Checkbox>
      ))}
      {total !== null && rows.length < total && (
        <div>
          <Button size="small" onPress={() => setLimit((before) => before + 500)}>
            {t('backup.more', { count: total - rows.length })}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
