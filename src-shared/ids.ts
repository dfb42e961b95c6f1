import { z } from 'zod';

/** Branded ids: a plain string cannot be passed where one of these is meant. */
export const AccountId = z.string().min(1).max(64).brand<'AccountId'>();
export type AccountId = z.infer<typeof AccountId>;

export const IdentityId = z.string().min(1).max(64).brand<'IdentityId'>();
export type IdentityId = z.infer<typeof IdentityId>;

export const ServerId = z.string().min(1).max(64).brand<'ServerId'>();
export type ServerId = z.infer<typeof ServerId>;

export const OutboxId = z.string().min(1).max(64).brand<'OutboxId'>();
export type OutboxId = z.infer<typeof OutboxId>;

export const JobId = z.string().min(1).max(64).brand<'JobId'>();
export type JobId = z.infer<typeof JobId>;

export const UploadId = z.string().min(1).max(64).brand<'UploadId'>();
export type UploadId = z.infer<typeof UploadId>;

export const RuleId = z.string().min(1).max(64).brand<'RuleId'>();
export type RuleId = z.infer<typeof RuleId>;

export const LocationId = z.string().min(1).max(64).brand<'LocationId'>();
export type LocationId = z.infer<typeof LocationId>;

/**
 * The Maildir unique name of a message, without the flags: 32 hex digits, `-`, 16 hex digits of SHA-256(bytes).
 * For collected mail the first part is SHA-256(account id, unique-id). Files the user or another program put into
 * the Maildir keep the name they came with, so any legal Maildir unique name is a key.
 */
export const MessageKey = z
  .string()
  .regex(/^[^/\\:;\0]{1,200}$/)
  .refine((name) => !name.startsWith('.'))
  .brand<'MessageKey'>();
export type MessageKey = z.infer<typeof MessageKey>;

/** A folder's path as the user sees it: segments joined by `/`, for example `Archive/2024`. */
export const FolderPath = z
  .string()
  .min(1)
  .max(500)
  .refine((path) => path.split('/').every((segment) => segment.trim() !== ''), 'A folder name cannot be empty.')
  .refine((path) => !hasControlCharacter(path), 'A folder name cannot hold control characters.')
  .brand<'FolderPath'>();
export type FolderPath = z.infer<typeof FolderPath>;

function hasControlCharacter(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 32 || code === 127) return true;
  }
  return false;
}
