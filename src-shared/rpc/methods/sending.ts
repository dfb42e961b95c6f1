import { z } from 'zod';
import { LocationId, MessageKey, OutboxId, ServerId } from '../../ids.ts';
import { GivenAnswer, InvitationAnswer, LaterWord } from '../../mail/invitation.ts';
import { Draft } from '../../mail/message.ts';
import {
  DeliveryMemoryEntry,
  NetworkLocation,
  OutboxItem,
  RouteExplanation,
  SeenNetwork,
  ServerCondition,
} from '../../mail/outbox.ts';
import { done, job, method, nothing } from '../method.ts';
import { SendOptions } from '../shapes.ts';

/** The Outbox, its routes and servers, the networks it meets. */
export const sendingMethods = {
  /** Builds the bytes, files them durably in the Outbox, answers, and only then begins to send. The draft's file is removed. */
  'outbox.submit': method(z.object({ draft: Draft, options: SendOptions.default({}) }), OutboxItem),
  /** The same for a file of RFC 5322 bytes on this machine. With `wait` the answer comes after one pass. */
  'outbox.submitFile': method(
    z.object({
      path: z.string(),
      reversePath: z.string().optional(),
      forwardPaths: z.array(z.string()).optional(),
      wait: z.boolean().default(false),
      options: SendOptions.default({}),
    }),
    OutboxItem,
  ),
  /**
   * Leaves the mailing list behind a message: by the one POST it offers, or by the message it asks for, which is queued as
   * any other and answered. Throws EINVALID when the message offers no such way.
   */
  'message.unsubscribe': method(
    z.object({ messageKey: MessageKey, way: z.enum(['one-click', 'mail']) }),
    z.object({ item: OutboxItem.nullable() }),
  ),
  /**
   * Answers an invitation (RFC 6047) from the identity that was asked; the message is queued as any other. Throws EINVALID
   * when none was.
   */
  'invitation.answer': method(z.object({ messageKey: MessageKey, answer: InvitationAnswer }), OutboxItem),
  /**
   * What was answered to it last, as the message in Sent or the Outbox says, and what came after it about the same; null:
   * nothing.
   */
  'invitation.given': method(
    z.object({ messageKey: MessageKey }),
    z.object({ given: GivenAnswer.nullable(), later: LaterWord.nullable() }),
  ),
  /** `light`: without attempts, for a screen that asks for those of one message when it is opened (`outbox.get`). */
  'outbox.list': method(z.object({ light: z.boolean().default(false) }), z.array(OutboxItem)),
  'outbox.get': method(z.object({ outboxId: OutboxId }), OutboxItem),
  /** Whether a message of this Message-ID waits, or was ever sent. */
  'outbox.knows': method(z.object({ messageId: z.string() }), z.object({ isKnown: z.boolean() })),
  /** One pass over what is due; `now` ignores due times and memory. */
  'outbox.flush': method(z.object({ now: z.boolean().default(false), outboxIds: z.array(OutboxId).optional() }), job),
  /**
   * Stops it at any stage before the final dot and gives it back as a draft. Where some recipients have it already
   * (`accepted`), the draft is for the others and the message itself goes to Sent.
   */
  'outbox.cancel': method(
    z.object({ outboxId: OutboxId }),
    z.object({ messageKey: MessageKey, accepted: z.array(z.string()) }),
  ),
  /** Sends what waits or failed by these servers, in this order, for this message only; none: by its route again. */
  'outbox.reroute': method(z.object({ outboxId: OutboxId, serverIds: z.array(ServerId) }), OutboxItem),
  'outbox.resolve': method(
    z.object({ outboxId: OutboxId, resolution: z.enum(['arrived', 'resend', 'discard']) }),
    OutboxItem,
  ),
  'route.explain': method(
    z.object({ from: z.string(), to: z.array(z.string()).default([]), sizeOctets: z.number().int().min(0).default(0) }),
    RouteExplanation,
  ),
  /** Gives the server its kick now (`kick` in its settings); the job ends with a `KickReport`. */
  'server.kick': method(z.object({ serverId: ServerId }), job),
  'server.conditions': method(nothing, z.array(ServerCondition)),
  'server.forget': method(z.object({ serverId: ServerId, keys: z.array(z.string()).optional() }), done),
  'server.memory': method(nothing, z.array(DeliveryMemoryEntry)),
  'network.location': method(nothing, NetworkLocation),
  'network.name': method(z.object({ locationId: LocationId, name: z.string().trim().min(1).max(100) }), done),
  /** Every network seen or named, the present one first, then the latest. */
  'network.list': method(nothing, z.array(SeenNetwork)),
  /** Its name, its record and what was remembered of servers there. Servers bound to it stay bound. */
  'network.forget': method(z.object({ locationId: LocationId }), done),
  /** Takes `network.forget` back, as long as this Postrider runs. Throws ENOTFOUND afterwards. */
  'network.restore': method(z.object({ locationId: LocationId }), done),
} as const;
