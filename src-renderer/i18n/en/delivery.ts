import type { Texts } from '../texts.ts';

/** Words for servers, stages and states, shared by the screens that show how mail leaves. */
export const delivery = {} as const satisfies Texts;
