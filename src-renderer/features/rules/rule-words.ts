import type { FolderPath } from '#shared/ids.ts';
import type { FolderSummary } from '#shared/mail/folder.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { RuleAction, RuleCondition, RuleInput } from '#shared/mail/rule.ts';
import { formatNumber, locale, t } from '../../i18n/index.ts';
import { folderLabel, isOwnFolder } from '../../projection/folder-names.ts';

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

function conditionWords(condition: RuleCondition, identities: Identities): string {
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

/** What a rule names and is not there any more, each once. */
export interface GoneNames {
  readonly folders: readonly FolderPath[];
  readonly isIdentityGone: boolean;
}

export function goneNames(
  rule: Pick<RuleInput, 'conditions' | 'actions'>,
  folders: readonly Pick<FolderSummary, 'folder'>[],
  identities: Identities,
): GoneNames {
  const isFolderThere = (path: FolderPath): boolean =>
    isOwnFolder(path) || folders.some(({ folder }) => folder === path);
  const named = rule.actions.flatMap((action) => ('folder' in action ? [action.folder] : []));
  const ids = [...rule.conditions, ...rule.actions].flatMap((part) => ('identityId' in part ? [part.identityId] : []));
  return {
    folders: [...new Set(named)].filter((path) => !isFolderThere(path)),
    isIdentityGone: ids.some((id) => identities.every((identity) => identity.id !== id)),
  };
}

/** The same in sentences that say what it means and what to do. */
export function goneSentences({ folders, isIdentityGone }: GoneNames): string[] {
  const names = list(
    folders.map((path) => `“${path}”`),
    'conjunction',
  );
  return [
    ...(folders.length > 0 ? [t('rules.gone.folders', { count: folders.length, names })] : []),
    ...(isIdentityGone ? [t('rules.gone.identity')] : []),
  ];
}

function addressOf(id: string, identities: Identities): string {
  return identities.find((identity) => identity.id === id)?.address ?? t('rules.identity.gone');
}

function list(parts: readonly string[], type: 'conjunction' | 'unit'): string {
  return new Intl.ListFormat(locale(), { type, style: 'long' }).format(parts);
}
