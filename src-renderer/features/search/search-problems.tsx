import { parseSearch } from '#shared/mail/search-query.ts';
import { t } from '../../i18n/index.ts';
import { useSearchQuery } from '../../projection/search-query.ts';

/** What of a search could not be used, above what was found by the rest. */
export function SearchProblems() {
  const query = useSearchQuery((state) => state.query);
  const { problems } = parseSearch(query, Date.now());
  // While its value is being typed it is not wrong yet.
  const said = problems.filter(({ value }) => !query.endsWith(`:${value}`));
  if (said.length === 0) return null;
  return (
    <ul className="search-problems" role="status">
      {said.map(({ operator, value, wants }) => (
        <li key={operator + value}>{t(`search.problem.${wants}`, { operator, value })}</li>
      ))}
    </ul>
  );
}
