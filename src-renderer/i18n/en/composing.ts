import type { Texts } from '../texts.ts';

export const composing = {} as const satisfies Texts;
