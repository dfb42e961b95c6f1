import { formatDateTime, t } from '../../i18n/index.ts';
import { Button, Section } from '../../ui/index.ts';
import type { ToldProblem } from './use-problems.ts';

const shownAtMost = 10;

/** What rules could not do, message by message. Those messages lie where they were filed, and say so themselves. */
export function Problems({ problems, onForget }: { problems: readonly ToldProblem[]; onForget: () => void }) {
  if (problems.length === 0) return null;
  return (
    <Section
      title={t('rules.problems')}
      description={t('rules.problems.text')}
      actions={
        <Button size="small" onPress={onForget}>
          {t('rules.problems.forget')}
        </Button>
      }
    >
      <ul className="rules-problems">
        {problems.slice(0, shownAtMost).map(({ ruleId, messageKey, at, text, subject }) => (
          <li key={`${ruleId} ${messageKey} ${text}`}>
            <bdi className="rules-name">{subject === '' ? t('rules.no-subject') : subject}</bdi>{' '}
            <span className="rules-muted">{formatDateTime(new Date(at).toISOString())}</span>
            <p>
              <bdi>{text}</bdi>
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
