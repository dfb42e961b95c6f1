import type { FolderPath } from '#shared/ids.ts';
import type { BackupReport } from '#shared/job.ts';
import { formatList, formatSize, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Banner, Button, Details } from '../../ui/index.ts';

const namedFolders = 12;

export function namesOf(folders: readonly FolderPath[]): string {
  return formatList(folders.length > namedFolders ? [...folders.slice(0, namedFolders), '…'] : folders);
}

/** What a restore came to. Of a damaged backup that is never told as if all had come back. */
export function Restored({ report }: { report: BackupReport }) {
  const open = useNavigation((state) => state.open);
  const { messages, others, octets, held, tookSettings, problems, returned = [] } = report;
  const { damaged, damagedMessages = 0, unlisted = 0 } = report;
  return (
    <div className="backup-report">
      <Banner
        level={damaged !== undefined ? 'warning' : 'success'}
        className="backup-note"
        actions={
          held > 0 && (
            <Button size="small" onPress={() => open({ kind: 'outbox' })}>
              {t('backup.restored.outbox')}
            </Button>
          )
        }
      >
        {messages === 0 && others > 0 && damaged === undefined ? (
          <strong>{t('backup.restored.nothing')}</strong>
        ) : (
          <>
            <strong>{t('backup.restored', { count: messages })}</strong> {formatSize(octets)}.
          </>
        )}{' '}
        {others > 0 && t('backup.restored.others', { count: others })}
      </Banner>
      {damaged !== undefined && (
        <p>
          <strong>
            {damagedMessages > 0 ? t('backup.intact.lost', { count: damagedMessages }) : t('backup.intact.noneLost')}
          </strong>{' '}
          {unlisted > 0 && t('backup.intact.unlisted', { count: unlisted })}
        </p>
      )}
      {returned.length > 0 && <p>{t('backup.restored.folders', { folders: namesOf(returned) })}</p>}
      {held > 0 && <p>{t('backup.restored.held', { count: held })}</p>}
      {tookSettings && <p>{t('backup.restored.settings')}</p>}
      {problems.length > 0 && (
        <Details
          summary={damaged !== undefined ? t('backup.intact.list') : t('backup.problems', { count: problems.length })}
          text={problems.join('\n')}
        />
      )}
    </div>
  );
}
