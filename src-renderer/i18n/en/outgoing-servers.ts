import type { Texts } from '../texts.ts';

export const outgoingServers = {} as const satisfies Texts;
