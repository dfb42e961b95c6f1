import { expect, test } from 'vitest';
import { fromTyped, isFromComplete, localPartOf, usedAddresses } from './from-address.ts';

const any = { address: '*@home.test' };

test.each([
  ['anna', 'anna@home.test', true],
  ['anna@', 'anna@home.test', true],
  ['anna@home.test', 'anna@home.test', true],
  ['Anna@HOME.test', 'Anna@HOME.test', true],
  ['anna@elsewhere.test', 'anna@elsewhere.test', false],
  ['anna b', 'anna b@home.test', false],
  ['*', '*@home.test', false],
])('“%s” is written from %s', (typed, from, isComplete) => {
  expect(fromTyped(typed, 'home.test')).toBe(from);
  expect(isFromComplete({ from }, any)).toBe(isComplete);
});

test('nothing typed is no address; an identity of one address needs none', () => {
  expect(fromTyped('  ', 'home.test')).toBeUndefined();
  expect(isFromComplete({}, any)).toBe(false);
  expect(isFromComplete({}, { address: 'anna@home.test' })).toBe(true);
});

test('what is typed stands in the field as it was, and what a reply chose stands there too', () => {
  for (const typed of ['a', 'anna', 'anna.b'])
    expect(localPartOf(fromTyped(typed, 'home.test'), 'home.test')).toBe(typed);
  expect(localPartOf('sales@Home.Test', 'home.test')).toBe('sales');
  expect(localPartOf('*@home.test', 'home.test')).toBe('');
  expect(localPartOf('x@elsewhere.test', 'home.test')).toBe('x@elsewhere.test');
});

test('each address used is offered once', () => {
  const sent = ['b@home.test', 'A@home.test', 'a@HOME.test', 'x@elsewhere.test'];
  expect(usedAddresses(sent, 'home.test')).toEqual(['b@home.test', 'a@home.test']);
});
