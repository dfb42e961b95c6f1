import type { Texts } from '../texts.ts';

export const messages = {} as const satisfies Texts;
