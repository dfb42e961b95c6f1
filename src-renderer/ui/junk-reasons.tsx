import type { JunkVerdict } from '#shared/mail/rule.ts';
import { formatNumber, t } from '../i18n/index.ts';

/** How likely junk a message is, who says so, and because of which words. */
export function JunkReasons(props: { verdict: JunkVerdict; isInJunk: boolean; mutedClass: string }) {
  const { verdict, isInJunk, mutedClass } = props;
  const percent = formatNumber(Math.round(verdict.likelihood * 100));
  return (
    <>
      <p>
        {verdict.words.length > 0
          ? t('rules.junk.why.likely', { percent })
          : t(isInJunk ? 'rules.junk.why.put' : 'rules.junk.why.nothing')}
        {verdict.knownAs !== undefined && ` ${t('rules.junk.why.known', { who: verdict.knownAs })}`}
      </p>
      {verdict.words.length > 0 && (
        <ul>
          {verdict.words.map(({ word, likelihood }) => (
            <li key={word}>
              <bdi>{word}</bdi>{' '}
              <span className={mutedClass}>
                {likelihood >= 0.5 ? t('rules.junk.why.junk') : t('rules.junk.why.good')}{' '}
                {formatNumber(Math.round(likelihood * 100))} %
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
