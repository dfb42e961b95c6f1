import { expect, it } from 'vitest';
import { withSignatureOf } from './signature.ts';

it('puts one signature in place of the other', () => {
  expect(withSignatureOf('Hi\n\n-- \nAnn', 'Ann', 'Dr. Ann')).toBe('Hi\n\n-- \nDr. Ann');
  expect(withSignatureOf('\n\n-- \nAnn\n\n> quoted', 'Ann', 'Bo')).toBe('\n\n-- \nBo\n\n> quoted');
});

it('takes it away, and leaves what the user changed', () => {
  expect(withSignatureOf('Hi\n\n-- \nAnn', 'Ann', undefined)).toBe('Hi\n');
  expect(withSignatureOf('Hi\n\n-- \nAnn, from the train', 'Ann B', 'Bo')).toBe('Hi\n\n-- \nAnn, from the train');
  expect(withSignatureOf('Hi', 'Ann', 'Ann')).toBe('Hi');
});

it('adds one above the quote', () => {
  expect(withSignatureOf('Hi', undefined, 'Ann')).toBe('Hi\n\n-- \nAnn\n');
  expect(withSignatureOf('Hi\n\nBo wrote:\n> x', undefined, 'Ann')).toBe('Hi\n\n\n-- \nAnn\nBo wrote:\n> x');
});
