import type { ImportReport } from '#shared/job.ts';
import { formatList, formatNumber, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Banner, Button, Details, Section } from '../../ui/index.ts';
import { Accounts } from './accounts.tsx';
import { backToWhere } from './import-state.ts';

/** What came in, where it is, and what did not. */
export function Report({ report }: { report: ImportReport }) {
  const { imported, failedTotal, tags } = report;
  return (
    <>
      <Banner level={failedTotal === 0 ? 'success' : 'warning'} className="importing-banner">
        <strong>
          {imported === 0 ? t('importing.done.nothing') : t('importing.done.imported', { count: imported })}
        </strong>
      </Banner>
      <ul className="importing-facts">
        {(['duplicates', 'deleted', 'leftOut', 'partial', 'malformed'] as const)
          .filter((fact) => report[fact] > 0)
          .map((fact) => (
            <li key={fact}>{t(`importing.done.${fact}`, { count: report[fact] })}</li>
          ))}
        {tags.length > 0 && (
          <li>{t('importing.done.tags', { tags: formatList(tags.slice(0, 30).map(({ name }) => name)) })}</li>
        )}
      </ul>
      {failedTotal > 0 && (
        <Details summary={t('importing.done.failed', { count: failedTotal })} text={failureText(report)} />
      )}
      {report.folders.length > 0 && <Folders report={report} />}
      <Accounts />
      <div className="importing-acts">
        <Button onPress={backToWhere}>{t('importing.end.more')}</Button>
      </div>
    </>
  );
}

function failureText({ failed, failedTotal }: ImportReport): string {
  const lines = failed.map(({ source, error }) => `${source}: ${error.message}`);
  const more = failedTotal - failed.length;
  return [...lines, ...(more > 0 ? [t('importing.done.failedMore', { count: more })] : [])].join('\n');
}

function Folders({ report }: { report: ImportReport }) {
  const open = useNavigation((state) => state.open);
  return (
    <Section title={t('importing.done.folders')}>
      <ul className="importing-went">
        {report.folders.map(({ folder, imported }) => (
          <li key={folder} className="importing-row">
            <bdi className="importing-row-name">{folder}</bdi>
            <span className="importing-count">{formatNumber(imported)}</span>
            <Button
              size="small"
              aria-label={t('importing.done.show', { folder })}
              onPress={() => open({ kind: 'mail', folder })}
            >
              {t('importing.done.open')}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
