import { z } from 'zod';
import { MailErrorData } from '../mail-error.ts';

/** Raised when frames or methods change in a way an older peer cannot follow; the command and the running app compare it first. */
export const protocolVersion = 1;

/** Everything that crosses a transport. */
export const Frame = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello'), version: z.number().int() }),
  z.object({ kind: z.literal('request'), id: z.number().int(), method: z.string(), params: z.unknown() }),
  z.object({ kind: z.literal('result'), id: z.number().int(), result: z.unknown() }),
  z.object({ kind: z.literal('error'), id: z.number().int(), error: MailErrorData }),
  z.object({ kind: z.literal('event'), name: z.string(), payload: z.unknown() }),
]);
export type Frame = z.infer<typeof Frame>;
