import { expect, it } from 'vitest';
import { fromSharedMailboxForm, newRoute, toSharedMailboxForm } from './shared-mailbox-form.ts';

it('keeps what is stored as it is', () => {
  const stored = fromSharedMailboxForm({
    fields: 'X-Forwarded-To, Delivered-To:',
    routes: [newRoute(' ann@example.org', 'Ann '), newRoute('@example.org', 'Family/All'), newRoute()],
  });
  expect(stored).toEqual({
    fields: ['X-Forwarded-To', 'Delivered-To'],
    routes: [
      { match: 'ann@example.org', folder: 'Ann' },
      { match: '@example.org', folder: 'Family/All' },
    ],
  });
  const form = toSharedMailboxForm(stored ?? undefined);
  expect(form === null ? null : fromSharedMailboxForm(form)).toEqual(stored);
  expect(toSharedMailboxForm(undefined)).toBeNull();
});

it('does not take a line that names nobody, or no folder', () => {
  for (const [match, folder] of [
    ['ann', 'Ann'],
    ['ann@', 'Ann'],
    ['a b@c', 'Ann'],
    ['ann@example.org', ''],
    ['ann@example.org', 'a//b'],
  ] as const)
    expect(fromSharedMailboxForm({ fields: '', routes: [newRoute(match, folder)] })).toBeNull();
});
