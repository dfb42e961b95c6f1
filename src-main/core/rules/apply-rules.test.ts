import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdentityId } from '#shared/ids.ts';
import { RuleInput } from '#shared/mail/rule.ts';
import { applyRules, createPatterns, type RuleSurroundings } from './apply-rules.ts';
import { factsFrom, ruleFrom } from './testing/facts.ts';

const anna = IdentityId.parse('anna');
const surroundings: RuleSurroundings = {
  identities: [
    { id: anna, address: 'anna@home.test' },
    { id: IdentityId.parse('all'), address: '*@shop.test' },
  ],
  patternOf: createPatterns(),
};

const letter = factsFrom([
  'Delivered-To: sales@shop.test',
  'From: =?utf-8?q?Gr=C3=BC=C3=9Fe_GmbH?= <bill@firm.test>',
  'To: Anna <Anna@Home.test>',
  'Cc: bob@away.test',
  'Subject: =?utf-8?b?UmVjaG51bmcgTnIuIDQ3MTE=?=',
  'List-Id: The cooks <cooks.lists.test>',
  'X-Project: =?utf-8?q?K=C3=BCche?=',
  '',
  'Please pay 47,11.',
  'Thank you.',
]);

const text = (field: string, how: string, value: string, more: object = {}) => ({
  kind: 'text',
  field,
  how,
  value,
  ...more,
});

function matches(conditions: unknown[], match = 'all'): boolean {
  const rule = ruleFrom('r', { match, conditions, actions: [{ kind: 'flag' }] });
  return applyRules([rule], letter, surroundings).length > 0;
}

describe('the id of a list', () => {
  it('is what stands in the last angle brackets, whatever its name is written with', () => {
    const named = factsFrom(['List-Id: "Cooks <all of them>" < cooks.lists.test >', '', 'Soup.']);
    const fits = (value: string): boolean => {
      const conditions = [text('list-id', 'is', value)];
      return applyRules([ruleFrom('r', { conditions, actions: [{ kind: 'flag' }] })], named, surroundings).length > 0;
    };
    expect(fits('cooks.lists.test')).toBe(true);
    expect(fits('all of them')).toBe(false);
  });
});

describe('conditions', () => {
  it.each([
    ['a mailbox', text('from', 'is', 'BILL@firm.test'), true],
    ['the name beside it, decoded', text('from', 'contains', 'grüße'), true],
    ['the same in decomposed letters', text('from', 'contains', 'gru\u0308ße'), true],
    ['both as written', text('from', 'ends', '<bill@firm.test>'), true],
    ['the end of a mailbox', text('from', 'ends', '@firm.test'), true],
    ['a subject', text('subject', 'begins', 'rechnung'), true],
    ['a subject that is longer', text('subject', 'is', 'rechnung'), false],
    ['whom a server delivered to', text('recipient', 'is', 'sales@shop.test'), true],
    ['To alone', text('to', 'contains', 'bob'), false],
    ['the list', text('list-id', 'is', 'cooks.lists.test'), true],
    ['any field, decoded', text('header', 'is', 'küche', { header: 'X-PROJECT' }), true],
    ['a field that is not there', text('header', 'contains', 'x', { header: 'X-Other' }), false],
    [
      'a field that is not there, turned round',
      text('header', 'contains', 'x', { header: 'X-Other', not: true }),
      true,
    ],
    ['the text', text('body', 'contains', 'pay 47'), true],
    ['a pattern', text('subject', 'pattern', 'nr\\. \\d{4}$'), true],
    ['a pattern for one line of the text', text('body', 'pattern', '^thank you\\.$'), true],
    ['a pattern nobody can use', text('body', 'pattern', '(['), false],
    ['larger', { kind: 'size', how: 'larger', octets: 100 }, true],
    ['smaller', { kind: 'size', how: 'smaller', octets: 100 }, false],
    ['an attachment', { kind: 'attachment' }, false],
    ['no attachment', { kind: 'attachment', not: true }, true],
    ['an identity in To, letter case aside', { kind: 'identity', identityId: 'anna' }, true],
    ['an identity of a whole domain', { kind: 'identity', identityId: 'all' }, true],
    ['an identity that is gone', { kind: 'identity', identityId: 'gone', not: true }, false],
  ])('%s', (_, condition, expected) => {
    expect(matches([condition])).toBe(expected);
  });

  it('all of them, or any', () => {
    const yes = text('from', 'contains', 'bill');
    const no = text('from', 'contains', 'nobody');
    expect([matches([yes, no]), matches([yes, no], 'any'), matches([no], 'any'), matches([yes, yes])]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});

describe('rules', () => {
  const always = [{ kind: 'size', how: 'larger', octets: 0 }];
  const never = [{ kind: 'size', how: 'smaller', octets: 0 }];

  it('each has its say until one says stop; the first move counts and comes last', () => {
    const rules = [
      ruleFrom('off', { isEnabled: false, conditions: always, actions: [{ kind: 'mark-read' }] }),
      ruleFrom('first', { conditions: always, actions: [{ kind: 'move', folder: 'A' }, { kind: 'flag' }] }),
      ruleFrom('no', { conditions: never, actions: [{ kind: 'tag', tag: 'never' }] }),
      ruleFrom('second', {
        conditions: always,
        actions: [{ kind: 'move', folder: 'B' }, { kind: 'flag' }, { kind: 'tag', tag: 'x' }, { kind: 'stop' }],
      }),
      ruleFrom('late', { conditions: always, actions: [{ kind: 'tag', tag: 'late' }] }),
    ];
    const acts = applyRules(rules, letter, surroundings);
    expect(acts.map(({ ruleId, action }) => [ruleId, action])).toEqual([
      ['first', { kind: 'flag' }],
      ['second', { kind: 'tag', tag: 'x' }],
      ['first', { kind: 'move', folder: 'A' }],
    ]);
  });

  it('are pure, and never move twice, whatever they are', () => {
    const condition = fc.constantFrom(
      text('from', 'contains', 'bill'),
      text('subject', 'pattern', '(a+)+$'),
      { kind: 'attachment' },
      { kind: 'size', how: 'larger', octets: 10 },
    );
    const action = fc.constantFrom(
      { kind: 'move', folder: 'A' },
      { kind: 'move', folder: 'B' },
      { kind: 'tag', tag: 'x' },
      { kind: 'flag' },
      { kind: 'stop' },
    );
    const input = fc.record({
      name: fc.constant('r'),
      isEnabled: fc.boolean(),
      match: fc.constantFrom('all', 'any'),
      conditions: fc.array(condition, { minLength: 1, maxLength: 4 }),
      actions: fc.array(action, { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(input, { maxLength: 8 }), (inputs) => {
        const rules = inputs.map((one, index) => ruleFrom(`r${index}`, one));
        const first = applyRules(rules, letter, surroundings);
        expect(applyRules(rules, letter, surroundings)).toEqual(first);
        const moves = first.filter(({ action: { kind } }) => kind === 'move');
        expect(moves.length).toBeLessThanOrEqual(1);
        if (moves.length === 1) expect(first.at(-1)).toEqual(moves[0]);
        const said = first.map(({ action: done }) => JSON.stringify(done));
        expect(new Set(said).size).toBe(said.length);
      }),
    );
  });

  it('a rule without a condition or an action is none', () => {
    expect(RuleInput.safeParse({ name: 'x', conditions: [], actions: [{ kind: 'flag' }] }).success).toBe(false);
    expect(RuleInput.safeParse({ name: 'x', conditions: always, actions: [] }).success).toBe(false);
  });
});

it('an identity is meant, too, by the field a shared maildrop names', () => {
  const lines = ['X-Rcpt: <sales@shop.test>', 'To: undisclosed-recipients:;', '', 'Hello'];
  const condition = { kind: 'identity', identityId: 'all' };
  const rule = ruleFrom('r', { conditions: [condition], actions: [{ kind: 'flag' }] });
  expect(applyRules([rule], factsFrom(lines), surroundings)).toEqual([]);
  expect(applyRules([rule], factsFrom(lines, ['x-rcpt']), surroundings)).toHaveLength(1);
});
