import { randomUUID } from 'node:crypto';
import { RuleId } from '#shared/ids.ts';
import { type Rule, RuleInput } from '#shared/mail/rule.ts';
import type { Settings } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';
import type { HandlersOf, SettingsService } from '../services.ts';
import { applyPatch } from '../settings/patch.ts';
import { inOrder } from '../settings/routes.ts';
import { compilePattern } from './pattern.ts';

type RuleSettingsMethods = `rule.${'list' | 'add' | 'set' | 'remove' | 'reorder'}`;

/** The rules as they are kept in the settings. */
export function ruleSettings(settings: SettingsService): HandlersOf<RuleSettingsMethods> {
  return {
    'rule.list': async () => settings.current().rules,
    'rule.add': async (input) => {
      const id = RuleId.parse(randomUUID());
      await settings.changeMailRules((now) => {
        checkRule(input, now);
        return { rules: [...now.rules, { id, ...input }] };
      });
      return { id };
    },
    'rule.set': async ({ id, patch }) => {
      await settings.changeMailRules((now) => {
        const after: Rule = { id, ...applyPatch(RuleInput, ruleOf(now, id), patch) };
        checkRule(after, now);
        return { rules: now.rules.map((rule) => (rule.id === id ? after : rule)) };
      });
      return ruleOf(settings.current(), id);
    },
    'rule.remove': async ({ id }) => {
      await settings.changeMailRules((now) => {
        ruleOf(now, id);
        return { rules: now.rules.filter((rule) => rule.id !== id) };
      });
      return {};
    },
    'rule.reorder': async ({ ids }) => {
      await settings.changeMailRules((now) => ({ rules: inOrder(now.rules, ids, 'rule') }));
      return {};
    },
  };
}

export function ruleOf({ rules }: Pick<Settings, 'rules'>, id: RuleId): Rule {
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) throw new MailError('ENOTFOUND', 'That rule is not there any more.');
  return rule;
}

/** Throws EINVALID for a pattern nobody can use or a field without a name, ENOTFOUND for an identity that is not there. */
export function checkRule({ conditions, actions }: RuleInput, { identities }: Pick<Settings, 'identities'>): void {
  const named: string[] = [];
  for (const condition of conditions) {
    if (condition.kind === 'text') {
      if (condition.how === 'pattern') compilePattern(condition.value);
      if (condition.field === 'header' && condition.header === undefined)
        throw new MailError('EINVALID', 'Name the header field to look in. Nothing was saved.');
    } else if (condition.kind === 'identity') named.push(condition.identityId);
  }
  for (const action of actions)
    if (action.kind === 'forward' || action.kind === 'redirect') named.push(action.identityId);
  if (named.some((id) => !identities.some((identity) => identity.id === id)))
    throw new MailError('ENOTFOUND', 'The rule names an identity that is not there any more. Nothing was saved.');
}
