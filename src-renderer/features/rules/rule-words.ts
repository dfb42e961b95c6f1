import type { Identity } from '#shared/mail/identity.ts';
import type { RuleAction, RuleCondition, RuleInput } from '#shared/mail/rule.ts';
import { formatNumber, locale, t } from '../../i18n/index.ts';
import { folderLabel } from '../../projection/folder-names.ts';

type Identities = readonly Pick<Identity, 'id' | 'address'>[];

const octetsInKilobyte = 1000;

/** The rule as one plain sentence. */
export function ruleSentence(
  rule: Pick<RuleInput, 'match' | 'conditions' | 'actions'>,
  identities: Identities,
): string {
  const conditions = rule.conditions.map((condition) => conditionWords(condition, identities));
  const actions = list(
    rule.actions.map((action) => actionWords(action, identities)),
    'conjunction',
  );
  if (conditions.length === 1) return t('rules.sentence.one', { conditions: conditions[0] ?? '', actions });
  return t(`rules.sentence.${rule.match ?? 'all'}`, { conditions: list(conditions, 'unit'), actions });
}

export function conditionWords(condition: RuleCondition, identities: Identities): string {
  switch (condition.kind) {
    case 'text': {
      const field = condition.field === 'header' ? (condition.header ?? '') : t(`rules.field.${condition.field}`);
      const how = condition.not ? t(`rules.how.${condition.how}.not`) : t(`rules.how.${condition.how}`);
      return `${field} ${how} “${condition.value}”`;
    }
    case 'size': {
      const size = `${formatNumber(condition.octets / octetsInKilobyte)} ${t('rules.kilobytes')}`;
      return `${t('rules.field.size')} ${t(`rules.how.${condition.how}`)} ${size}`;
    }
    case 'attachment':
      return `${t('rules.field.attachment')} ${condition.not ? t('rules.how.there.not') : t('rules.how.there')}`;
    case 'identity': {
      const how = condition.not ? t('rules.how.is.not') : t('rules.how.is');
      return `${t('rules.field.identity')} ${how} ${addressOf(condition.identityId, identities)}`;
    }
  }
}

export function actionWords(action: RuleAction, identities: Identities): string {
  switch (action.kind) {
    case 'move':
    case 'copy':
      return `${t(`rules.act.${action.kind}`)} ${action.folder.includes('/') ? action.folder : folderLabel(action.folder)}`;
    case 'tag':
      return `${t('rules.act.tag')} “${action.tag}”`;
    case 'forward':
    case 'redirect': {
      const by = t('rules.act.by', { identity: addressOf(action.identityId, identities) });
      return `${t(`rules.act.${action.kind}`)} ${action.to} ${by}`;
    }
    case 'flag':
    case 'mark-read':
    case 'stop':
      return t(`rules.act.${action.kind}`);
  }
}

function addressOf(id: string, identities: Identities): string {
  return identities.find((identity) => identity.id === id)?.address ?? t('rules.identity.gone');
}

function list(parts: readonly string[], type: 'conjunction' | 'unit'): string {
  return new Intl.ListFormat(locale(), { type, style: 'long' }).format(parts);
}
