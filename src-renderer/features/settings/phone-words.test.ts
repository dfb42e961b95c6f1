import { expect, test } from 'vitest';
import { phonesIn, phonesInWords } from './phone-words.ts';

test('numbers with their kinds are written and read again', () => {
  const numbers = {
    phones: ['030 1', '+49 (0)170 2', '3'],
    phoneKinds: { '030 1': ['work' as const, 'fax' as const] },
  };
  expect(phonesInWords(numbers)).toBe('030 1 (work fax), +49 (0)170 2, 3');
  expect(phonesIn(phonesInWords(numbers))).toEqual(numbers);
});

test('what is typed is taken as it is meant', () => {
  expect(phonesIn(' 1 (Mobile) ;2(home)\n3 (ask for Ann), 4 (0)5,,1')).toEqual({
    phones: ['1', '2', '3 (ask for Ann)', '4 (0)5'],
    phoneKinds: { '1': ['mobile'], '2': ['home'] },
  });
  expect(phonesIn('')).toEqual({ phones: [], phoneKinds: {} });
});
