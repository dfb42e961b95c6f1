import type { Settings } from '#shared/mail/settings.ts';

/** The version this program writes. */
export const currentVersion: Settings['version'] = 1;

/** From version N to N + 1, on data already known to be an object; the result is checked whole after the last step. */
const migrations: Readonly<Record<number, (old: Record<string, unknown>) => Record<string, unknown>>> = {};

/** Brings an older file up to the current version. Null when there is no way from there. */
export function migrate(
  old: Record<string, unknown>,
  from: number,
  steps: typeof migrations = migrations,
  to: number = currentVersion,
): Record<string, unknown> | null {
  let settings = old;
  for (let version = from; version < to; version++) {
    const step = steps[version];
    if (step === undefined) return null;
    settings = { ...step(settings), version: version + 1 };
  }
  return settings;
}
