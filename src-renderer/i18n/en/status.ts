import type { Texts } from '../texts.ts';

export const status = {} as const satisfies Texts;
