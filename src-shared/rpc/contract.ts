import type { z } from 'zod';
import type { events } from './events.ts';
import { mailMethods } from './methods/mail.ts';
import { sendingMethods } from './methods/sending.ts';
import { settingsMethods } from './methods/settings.ts';
import { upkeepMethods } from './methods/upkeep.ts';

export { events } from './events.ts';
export type { Method } from './method.ts';
export * from './shapes.ts';

/** Every method of the application, once. */
export const methods = { ...settingsMethods, ...mailMethods, ...sendingMethods, ...upkeepMethods } as const;

export type MethodName = keyof typeof methods;
export type Params<M extends MethodName> = z.input<(typeof methods)[M]['params']>;
export type ParsedParams<M extends MethodName> = z.output<(typeof methods)[M]['params']>;
export type Result<M extends MethodName> = z.output<(typeof methods)[M]['result']>;
export type EventName = keyof typeof events;
export type Payload<E extends EventName> = z.output<(typeof events)[E]>;

/** One function a method: a missing one does not compile. */
export type Handlers = { readonly [M in MethodName]: (params: ParsedParams<M>) => Promise<Result<M>> };
