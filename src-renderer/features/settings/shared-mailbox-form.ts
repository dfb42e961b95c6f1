import { FolderPath } from '#shared/ids.ts';
import type { Multidrop } from '#shared/mail/incoming-account.ts';

/** The mailbox of several people while it is edited; null: it is one person's. */
export interface SharedMailboxForm {
  /** Header fields as typed, separated by commas. */
  readonly fields: string;
  readonly routes: readonly { readonly id: number; readonly match: string; readonly folder: string }[];
}

let nextId = 1;

export function newRoute(match = '', folder = ''): SharedMailboxForm['routes'][number] {
  return { id: nextId++, match, folder };
}

export function toSharedMailboxForm(multidrop: Multidrop | undefined): SharedMailboxForm | null {
  if (multidrop === undefined) return null;
  return {
    fields: multidrop.fields.join(', '),
    routes: multidrop.routes.map(({ match, folder }) => newRoute(match, folder)),
  };
}

/** `ann@example.org`, or `@example.org` for everybody there. */
const matchPattern = /^[^\s@]*@[^\s@]+$/;

/** What is stored; null while a line is wrong. Empty lines do not count. */
export function fromSharedMailboxForm({ fields, routes }: SharedMailboxForm): Multidrop | null {
  const filled = routes.filter(({ match, folder }) => match.trim() !== '' || folder.trim() !== '');
  const stored: Multidrop['routes'] = [];
  for (const { match, folder } of filled) {
    const path = FolderPath.safeParse(folder.trim());
    if (!matchPattern.test(match.trim()) || !path.success) return null;
    stored.push({ match: match.trim(), folder: path.data });
  }
  const names = fields.split(/[\s,]+/).map((name) => name.replace(/:$/, ''));
  return { fields: names.filter((name) => name !== ''), routes: stored };
}
