import type { Texts } from '../texts.ts';

export const app = {} as const satisfies Texts;
