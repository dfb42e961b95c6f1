import type { z } from 'zod';

/** What a schema found wrong, for a person: `endpoints.0.host: Enter the name of the server.`, at most three of them. */
export function wordsOf(error: z.ZodError): string {
  const words = error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    if (path === '') return issue.message;
    return issue.message.endsWith('received undefined') ? `${path} is missing` : `${path}: ${issue.message}`;
  });
  const shown = words.slice(0, 3).join('; ');
  return words.length > 3 ? `${shown}; and ${words.length - 3} more` : shown;
}
