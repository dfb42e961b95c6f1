import type { Texts } from '../texts.ts';

export const reading = {} as const satisfies Texts;
