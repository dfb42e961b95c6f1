import { assertNever } from '#shared/assert-never.ts';
import { type Address, formatAddress } from '#shared/mail/address.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { Rule, RuleAct, RuleAction, RuleCondition } from '#shared/mail/rule.ts';
import { listIdIn } from '../message/header-values.ts';
import { type MessageFacts, valuesOf } from './facts.ts';
import { compilePattern, type Pattern } from './pattern.ts';

export interface RuleSurroundings {
  readonly identities: readonly Pick<Identity, 'id' | 'address'>[];
  /** In which fields, besides the usual ones, servers write whom they delivered to; in lower case. */
  readonly multidropFields?: readonly string[];
  readonly patternOf: (source: string) => Pattern;
}

type TextCondition = Extract<RuleCondition, { kind: 'text' }>;

/** Patterns compiled once for many messages. One that cannot be compiled is found nowhere. */
export function createPatterns(): (source: string) => Pattern {
  const known = new Map<string, Pattern>();
  return (source) => {
    const before = known.get(source);
    if (before !== undefined) return before;
    const pattern = compiledOrNothing(source);
    known.set(source, pattern);
    return pattern;
  };
}

function compiledOrNothing(source: string): Pattern {
  try {
    return compilePattern(source);
  } catch {
    return () => false;
  }
}

/**
 * Asks the rules in their order. Every rule that fits has its say, until one says stop; the first move counts, since a
 * message lies in one folder; what was said twice is done once. In the order in which they are done: the move last. Pure.
 */
export function applyRules(rules: readonly Rule[], facts: MessageFacts, surroundings: RuleSurroundings): RuleAct[] {
  const acts: RuleAct[] = [];
  let isStopped = false;
  for (const rule of rules) {
    if (isStopped) break;
    if (!rule.isEnabled || !fits(rule, facts, surroundings)) continue;
    for (const action of rule.actions) {
      if (action.kind === 'stop') isStopped = true;
      else if (!isSaid(acts, action)) acts.push({ ruleId: rule.id, ruleName: rule.name, action });
    }
  }
  return [...acts.filter(({ action }) => !isMove(action)), ...acts.filter(({ action }) => isMove(action))];
}

function isMove({ kind }: RuleAction): boolean {
  return kind === 'move';
}

function isSaid(acts: readonly RuleAct[], action: RuleAction): boolean {
  return acts.some(({ action: said }) =>
    action.kind === 'move' ? said.kind === 'move' : JSON.stringify(said) === JSON.stringify(action),
  );
}

function fits({ match, conditions }: Rule, facts: MessageFacts, surroundings: RuleSurroundings): boolean {
  const holds = (condition: RuleCondition): boolean => holdsFor(condition, facts, surroundings);
  return match === 'any' ? conditions.some(holds) : conditions.every(holds);
}

function holdsFor(condition: RuleCondition, facts: MessageFacts, surroundings: RuleSurroundings): boolean {
  switch (condition.kind) {
    case 'text':
      return textHolds(condition, facts, surroundings.patternOf) !== condition.not;
    case 'size':
      return condition.how === 'larger' ? facts.sizeOctets > condition.octets : facts.sizeOctets < condition.octets;
    case 'attachment':
      return facts.hasAttachments !== condition.not;
    case 'identity': {
      const identity = surroundings.identities.find(({ id }) => id === condition.identityId);
      if (identity === undefined) return false;
      return recipientsOf(facts).some((mailbox) => isMeant(identity.address, mailbox)) !== condition.not;
    }
    default:
      return assertNever(condition);
  }
}

/** Every mailbox the message was sent or delivered to. */
export function recipientsOf({ to, cc, deliveredTo }: MessageFacts): string[] {
  return [...to.map(({ mailbox }) => mailbox), ...cc.map(({ mailbox }) => mailbox), ...deliveredTo];
}

/** `address`: an identity's, perhaps `*@domain`. */
export function isMeant(address: string, mailbox: string): boolean {
  const own = address.trim().toLowerCase();
  const other = mailbox.trim().toLowerCase();
  return own.startsWith('*@') ? other.endsWith(own.slice(1)) : own === other;
}

function textHolds(condition: TextCondition, facts: MessageFacts, patternOf: RuleSurroundings['patternOf']): boolean {
  const { how } = condition;
  const texts = textsOf(condition, facts);
  if (how === 'pattern') return texts.some(patternOf(condition.value));
  const wanted = folded(condition.value);
  return texts.some((text) => fitsText(how, folded(text), wanted));
}

function fitsText(how: Exclude<TextCondition['how'], 'pattern'>, text: string, wanted: string): boolean {
  switch (how) {
    case 'contains':
      return text.includes(wanted);
    case 'is':
      return text.trim() === wanted.trim();
    case 'begins':
      return text.trimStart().startsWith(wanted);
    case 'ends':
      return text.trimEnd().endsWith(wanted);
    default:
      return assertNever(how);
  }
}

/** The words as a person compares them: composed, letter case left aside. */
function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function textsOf({ field, header }: TextCondition, facts: MessageFacts): string[] {
  switch (field) {
    case 'from':
      return facts.from.flatMap(namesOf);
    case 'to':
      return facts.to.flatMap(namesOf);
    case 'cc':
      return facts.cc.flatMap(namesOf);
    case 'recipient':
      return [...facts.to.flatMap(namesOf), ...facts.cc.flatMap(namesOf), ...facts.deliveredTo];
    case 'subject':
      return [facts.subject];
    case 'body':
      return [facts.text];
    case 'list-id':
      return valuesOf(facts, 'list-id').flatMap((value) => [value, listIdIn(value) ?? value]);
    case 'header':
      return header === undefined ? [] : valuesOf(facts, header);
    default:
      return assertNever(field);
  }
}

/** An address can be meant by its mailbox, by the name beside it, and by both as they are written. */
function namesOf(address: Address): string[] {
  const { displayName, mailbox } = address;
  return displayName === '' ? [mailbox] : [mailbox, displayName, formatAddress(address)];
}
