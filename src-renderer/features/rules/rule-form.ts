import { FolderPath, IdentityId } from '#shared/ids.ts';
import { MailboxText } from '#shared/mail/address.ts';
import type { RuleAction, RuleCondition } from '#shared/mail/rule.ts';
import { RuleInput } from '#shared/mail/rule.ts';
import type { RuleStart } from '../../navigation.ts';

export const whats = [
  'from',
  'to',
  'cc',
  'recipient',
  'subject',
  'body',
  'list-id',
  'header',
  'size',
  'attachment',
  'identity',
] as const;
export type What = (typeof whats)[number];

const textHows = [
  'contains',
  'contains.not',
  'is',
  'is.not',
  'begins',
  'begins.not',
  'ends',
  'ends.not',
  'pattern',
  'pattern.not',
] as const;
const sizeHows = ['larger', 'smaller'] as const;
const thereHows = ['there', 'there.not'] as const;
const isHows = ['is', 'is.not'] as const;
export type How = (typeof textHows)[number] | (typeof sizeHows)[number] | (typeof thereHows)[number];

/** What may be said about a part of the message. */
export function howsOf(what: What): readonly How[] {
  if (what === 'size') return sizeHows;
  if (what === 'attachment') return thereHows;
  return what === 'identity' ? isHows : textHows;
}

export interface ConditionForm {
  readonly id: number;
  readonly what: What;
  readonly how: How;
  readonly value: string;
  readonly header: string;
  readonly kilobytes: number;
  readonly identityId: string;
}

export const actionKinds = ['move', 'copy', 'tag', 'flag', 'mark-read', 'forward', 'redirect', 'stop'] as const;
export type ActionKind = (typeof actionKinds)[number];

export interface ActionForm {
  readonly id: number;
  readonly kind: ActionKind;
  readonly folder: string;
  readonly tag: string;
  readonly to: string;
  readonly identityId: string;
}

/** What the editor holds: every choice keeps what was typed for it while another is tried. */
export interface RuleForm {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly match: 'all' | 'any';
  readonly conditions: readonly ConditionForm[];
  readonly actions: readonly ActionForm[];
}

export type Problem = 'name' | `condition-${number}` | `action-${number}`;

let nextId = 1;

export function emptyCondition(): ConditionForm {
  return { id: nextId++, what: 'from', how: 'contains', value: '', header: '', kilobytes: 1000, identityId: '' };
}

export function emptyAction(): ActionForm {
  return { id: nextId++, kind: 'move', folder: '', tag: '', to: '', identityId: '' };
}

/** `like`: what a new rule begins with. */
export function toRuleForm(rule: RuleInput | null, like: RuleStart | null = null): RuleForm {
  if (rule === null) {
    const begun = like === null ? {} : { what: like.field, how: 'contains' as const, value: like.value };
    const conditions = [{ ...emptyCondition(), ...begun }];
    return { name: like?.name ?? '', isEnabled: true, match: 'all', conditions, actions: [emptyAction()] };
  }
  return {
    name: rule.name,
    isEnabled: rule.isEnabled,
    match: rule.match,
    conditions: rule.conditions.map(toConditionForm),
    actions: rule.actions.map((action) => ({ ...emptyAction(), ...action })),
  };
}

function toConditionForm(condition: RuleCondition): ConditionForm {
  const empty = emptyCondition();
  switch (condition.kind) {
    case 'text': {
      const { field, how, value, header = '', not } = condition;
      return { ...empty, what: field, how: not ? `${how}.not` : how, value, header };
    }
    case 'size':
      return { ...empty, what: 'size', how: condition.how, kilobytes: condition.octets / 1000 };
    case 'attachment':
      return { ...empty, what: 'attachment', how: condition.not ? 'there.not' : 'there' };
    case 'identity':
      return { ...empty, what: 'identity', how: condition.not ? 'is.not' : 'is', identityId: condition.identityId };
  }
}

/** The rule the form describes, or what is missing in it. */
export function ruleOfForm(form: RuleForm): { rule: RuleInput | null; problems: Problem[] } {
  const problems: Problem[] = [];
  if (form.name.trim() === '') problems.push('name');
  const conditions = form.conditions.flatMap((condition): RuleCondition[] => {
    const made = conditionOf(condition);
    if (made === null) problems.push(`condition-${condition.id}`);
    return made === null ? [] : [made];
  });
  const actions = form.actions.flatMap((action): RuleAction[] => {
    const made = actionOf(action);
    if (made === null) problems.push(`action-${action.id}`);
    return made === null ? [] : [made];
  });
  if (problems.length > 0) return { rule: null, problems };
  const parsed = RuleInput.safeParse({ ...form, conditions, actions });
  return { rule: parsed.success ? parsed.data : null, problems };
}

function conditionOf({ what, how, value, header, kilobytes, identityId }: ConditionForm): RuleCondition | null {
  const not = how.endsWith('.not');
  if (what === 'attachment') return { kind: 'attachment', not };
  if (what === 'size') {
    const isSize = Number.isFinite(kilobytes) && kilobytes >= 0;
    return isSize
      ? { kind: 'size', how: how === 'smaller' ? 'smaller' : 'larger', octets: Math.round(kilobytes * 1000) }
      : null;
  }
  if (what === 'identity') {
    const id = IdentityId.safeParse(identityId);
    return id.success ? { kind: 'identity', identityId: id.data, not } : null;
  }
  const test = textTestOf(how);
  if (value.trim() === '' || test === null) return null;
  if (what !== 'header') return { kind: 'text', field: what, how: test, value, not };
  return isFieldName(header) ? { kind: 'text', field: what, header: header.trim(), how: test, value, not } : null;
}

export function isFieldName(header: string): boolean {
  return /^[!-9;-~]+$/.test(header.trim());
}

function textTestOf(how: How): Extract<RuleCondition, { kind: 'text' }>['how'] | null {
  const bare = how.replace(/\.not$/, '');
  return (['contains', 'is', 'begins', 'ends', 'pattern'] as const).find((test) => test === bare) ?? null;
}

function actionOf({ kind, folder, tag, to, identityId }: ActionForm): RuleAction | null {
  switch (kind) {
    case 'move':
    case 'copy': {
      const path = FolderPath.safeParse(folder.trim());
      return path.success ? { kind, folder: path.data } : null;
    }
    case 'tag':
      return tag.trim() === '' ? null : { kind, tag: tag.trim() };
    case 'forward':
    case 'redirect': {
      const mailbox = MailboxText.safeParse(to);
      const id = IdentityId.safeParse(identityId);
      return mailbox.success && id.success ? { kind, to: mailbox.data, identityId: id.data } : null;
    }
    case 'flag':
    case 'mark-read':
    case 'stop':
      return { kind };
  }
}
