import type { Texts } from '../texts.ts';

export const accountSetup = {} as const satisfies Texts;
