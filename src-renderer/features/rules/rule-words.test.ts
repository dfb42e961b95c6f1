import { describe, expect, it } from 'vitest';
import { FolderPath, IdentityId } from '#shared/ids.ts';
import { RuleInput } from '#shared/mail/rule.ts';
import { goneNames, goneSentences } from './rule-words.ts';

const anna = { id: IdentityId.parse('00000000-0000-4000-8000-000000000001'), address: 'anna@home.test' };
const there = [{ folder: FolderPath.parse('Bills/2026') }];

function rule(...actions: object[]): RuleInput {
  return RuleInput.parse({ name: 'Bills', conditions: [{ kind: 'attachment', not: false }], actions });
}

describe('what a rule names and is not there', () => {
  it('is nothing while every folder and identity is there, the fixed folders always', () => {
    const whole = rule(
      { kind: 'copy', folder: 'Archive' },
      { kind: 'redirect', to: 'bea@away.test', identityId: anna.id },
      { kind: 'move', folder: 'Bills/2026' },
    );
    expect(goneSentences(goneNames(whole, there, [anna]))).toEqual([]);
  });

  it('is said once for each folder, with what becomes of it', () => {
    const gone = rule({ kind: 'copy', folder: 'Bills/2025' }, { kind: 'move', folder: 'Bills/2025' });
    expect(goneSentences(goneNames(gone, there, [anna]))).toEqual([
      'The folder “Bills/2025” is not there. It is made anew as soon as a message fits; edit the rule to choose another.',
    ]);
    expect(goneNames(rule({ kind: 'move', folder: 'Bills' }), there, []).folders).toEqual(['Bills']);
  });

  it('is said of an identity in a condition or an act', () => {
    expect(goneNames(rule({ kind: 'forward', to: 'bea@away.test', identityId: anna.id }), there, [])).toMatchObject({
      isIdentityGone: true,
    });
    const sentTo = RuleInput.parse({
      name: 'Mine',
      conditions: [{ kind: 'identity', identityId: anna.id, not: false }],
      actions: [{ kind: 'flag' }],
    });
    expect(goneNames(sentTo, there, [])).toEqual({ folders: [], isIdentityGone: true });
    expect(goneNames(sentTo, there, [anna])).toEqual({ folders: [], isIdentityGone: false });
  });
});
