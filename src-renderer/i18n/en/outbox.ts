import type { Texts } from '../texts.ts';

export const outbox = {} as const satisfies Texts;
