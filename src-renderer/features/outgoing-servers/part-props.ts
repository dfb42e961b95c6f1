import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import type { ServerForm } from './server-form.ts';
import type { ServerProblem } from './server-problems.ts';

/** What every part of the editor takes. */
export interface PartProps {
  form: ServerForm;
  onChange: (patch: Partial<ServerForm>) => void;
  /** Whether this is to be told as wrong at its field. */
  has: (problem: ServerProblem) => boolean;
  showsProblems: boolean;
  /** The server as it is stored; null for a new one. */
  stored: OutgoingServerView | null;
  /** Whether the form says something else than what is stored. */
  isChanged: boolean;
}
