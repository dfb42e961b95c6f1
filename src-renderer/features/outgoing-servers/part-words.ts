import { formatList, t } from '../../i18n/index.ts';
import { type ServerForm, timeoutNames } from './server-form.ts';
import { patternsIn, type ServerPart } from './server-problems.ts';

/** In a few words what is set in a folded part of the editor; '' when nothing is. */
export function partInWords(part: ServerPart, form: ServerForm): string {
  return wordsOf(part, form)
    .filter((words) => words !== '')
    .join(', ');
}

function wordsOf(part: ServerPart, form: ServerForm): string[] {
  switch (part) {
    case 'use':
      return [sendersOf(form), networksOf(form)];
    case 'limits':
      return limitsOf(form);
    case 'reports':
      return reportsOf(form);
    case 'proxy':
      return form.proxy.isUsed ? [t('outgoing-servers.part.proxy.set', { host: form.proxy.host.trim() || '…' })] : [];
    case 'timeouts':
      return timeoutsOf(form);
    case 'kick':
      return form.kick.kind === 'none'
        ? []
        : [
            t(`outgoing-servers.part.kick.${form.kick.when}`, {
              kind: t(`outgoing-servers.kick.${form.kick.kind}`),
            }),
          ];
  }
}

function sendersOf({ senders }: ServerForm): string {
  const patterns = patternsIn(senders);
  if (patterns.length === 0 || patterns.includes('*')) return '';
  return t('outgoing-servers.part.use.senders', { count: patterns.length });
}

function networksOf({ networkRule, locations }: ServerForm): string {
  return networkRule === 'any' ? '' : t(`outgoing-servers.part.use.${networkRule}`, { count: locations.length });
}

function limitsOf({ sizeLimitMb, perHour, perDay, maxRecipients }: ServerForm): string[] {
  const limit = (text: string, words: (typed: string) => string): string =>
    text.trim() === '' ? '' : words(text.trim());
  return [
    limit(sizeLimitMb, (size) => t('outgoing-servers.part.limits.size', { size })),
    limit(perHour, (typed) => t('outgoing-servers.part.limits.perHour', { limit: typed })),
    limit(perDay, (typed) => t('outgoing-servers.part.limits.perDay', { limit: typed })),
    limit(maxRecipients, (typed) => t('outgoing-servers.part.limits.recipients', { limit: typed })),
  ];
}

function reportsOf({ dsnNotify, dsnRet }: ServerForm): string[] {
  const notices = dsnNotify.map((notice) => t(`outgoing-servers.report.${notice}.short`));
  return [
    notices.length === 0 ? '' : t('outgoing-servers.part.reports.set', { notices: formatList(notices) }),
    dsnRet === 'full' ? t('outgoing-servers.part.reports.full') : '',
  ];
}

function timeoutsOf({ timeouts, ehloName, kind }: ServerForm): string[] {
  const count = timeoutNames.filter((name) => timeouts[name].trim() !== '').length;
  return [
    count === 0 ? '' : t('outgoing-servers.part.timeouts.set', { count }),
    ehloName.trim() === '' || kind === 'direct-mx'
      ? ''
      : t('outgoing-servers.part.timeouts.ehlo', { name: ehloName.trim() }),
  ];
}
