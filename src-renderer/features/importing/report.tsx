import type { ImportedContacts, ImportReport } from '#shared/job.ts';
import { formatList, formatNumber, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Banner, Button, Details, Section } from '../../ui/index.ts';
import { Accounts } from './accounts.tsx';
import { backToWhere } from './import-state.ts';

/** What came in, where it is, and what did not. */
export function Report({ report }: { report: ImportReport }) {
  const { imported, failedTotal, tags, contacts } = report;
  const open = useNavigation((state) => state.open);
  return (
    <>
      <Banner level={failedTotal === 0 ? 'success' : 'warning'} className="importing-banner">
        <strong>{headline(report)}</strong>
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
        {contacts !== undefined && <People contacts={contacts} isTold={imported === 0} />}
      </ul>
      {failedTotal > 0 && (
        <Details summary={t('importing.done.failed', { count: failedTotal })} text={failureText(report)} />
      )}
      {report.folders.length > 0 && <Folders report={report} />}
      <Accounts />
      <div className="importing-acts">
        {contacts !== undefined && contacts.added > 0 && (
          <Button onPress={() => open({ kind: 'settings', section: 'contacts' })}>
            {t('importing.done.openBook')}
          </Button>
        )}
        <Button onPress={backToWhere}>{t('importing.end.more')}</Button>
      </div>
    </>
  );
}

function headline({ imported, contacts }: ImportReport): string {
  if (imported > 0) return t('importing.done.imported', { count: imported });
  const added = contacts?.added ?? 0;
  return added > 0 ? t('importing.done.people', { count: added }) : t('importing.done.nothing');
}

/** `isTold`: how many are new stands in the headline. */
function People({ contacts, isTold }: { contacts: ImportedContacts; isTold: boolean }) {
  const { added, known, withoutAddress, lists } = contacts;
  const names = formatList(lists.length > 30 ? [...lists.slice(0, 30), '…'] : lists);
  return (
    <>
      {added > 0 && !isTold && <li>{t('importing.done.people', { count: added })}</li>}
      {known > 0 && <li>{t('importing.done.peopleKnown', { count: known })}</li>}
      {withoutAddress > 0 && <li>{t('importing.done.peopleWithout', { count: withoutAddress })}</li>}
      {lists.length > 0 && <li>{t('importing.done.lists', { count: lists.length, lists: names })}</li>}
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
