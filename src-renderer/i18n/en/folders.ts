import type { Texts } from '../texts.ts';

export const folders = {} as const satisfies Texts;
