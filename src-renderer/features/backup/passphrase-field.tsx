import { TextField } from '../../ui/index.ts';

/** The passphrase of a backup's passwords. `isNew`: one that is chosen now, which a keeper of passwords may propose. */
export function PassphraseField({
  isNew = false,
  ...field
}: {
  isNew?: boolean;
  label: string;
  description?: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | null;
}) {
  return <TextField {...field} type="password" autoComplete={isNew ? 'new-password' : 'off'} />;
}
