import { MailError } from '#shared/mail-error.ts';
import { ErrorPanel } from './panels.tsx';

/** Why what was entered was not taken. For input that does not fit, the application's own sentence is the headline. */
export function FormError({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  const isAboutInput = error instanceof MailError && (error.code === 'EINVALID' || error.code === 'ENOTFOUND');
  return isAboutInput ? <ErrorPanel error={error} headline={error.message} /> : <ErrorPanel error={error} />;
}
