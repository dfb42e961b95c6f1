import { expect, it } from 'vitest';
import { ruleOfForm, toRuleForm } from '../rules/rule-form.ts';
import { ruleStart } from './rule-start.ts';

const news = { displayName: 'News', mailbox: 'news@list.example' };

it('goes by the list where there is one, else by the sender', () => {
  expect(ruleStart({ listId: 'news.list.example', from: [news] })).toEqual({
    name: 'News',
    field: 'list-id',
    value: 'news.list.example',
  });
  expect(ruleStart({ from: [{ ...news, displayName: '  ' }] })).toEqual({
    name: 'news@list.example',
    field: 'from',
    value: 'news@list.example',
  });
});

it('has nothing to go by where a message names neither', () => {
  expect(ruleStart({ from: [] })).toBeNull();
  expect(ruleStart({ from: [{ displayName: 'Nobody', mailbox: '' }] })).toBeNull();
});

it('begins a rule that lacks only what is to be done', () => {
  const form = toRuleForm(null, ruleStart({ from: [news] }));
  expect(ruleOfForm(form).problems).toEqual([`action-${form.actions[0]?.id}`]);
  const flagged = { ...form, actions: form.actions.map((action) => ({ ...action, kind: 'flag' as const })) };
  expect(ruleOfForm(flagged).rule).toMatchObject({
    name: 'News',
    conditions: [{ kind: 'text', field: 'from', how: 'contains', value: 'news@list.example', not: false }],
  });
});
