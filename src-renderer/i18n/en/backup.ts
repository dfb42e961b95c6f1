import type { Texts } from '../texts.ts';

export const backup = {} as const satisfies Texts;
