import { shell } from 'electron';
import { MailError } from '#shared/mail-error.ts';
import { t } from './words.ts';

const longestAddress = 8192;

/**
 * Opens a web or mail address with the system's own program. Throws `MailError` EINVALID for any other scheme: `file:`
 * or a program's own would run things.
 */
export async function openOutside(address: string): Promise<void> {
  const url = URL.canParse(address) && address.length <= longestAddress ? new URL(address) : null;
  if (url === null || !['http:', 'https:', 'mailto:'].includes(url.protocol)) {
    throw new MailError('EINVALID', t('outside.refused'));
  }
  await shell.openExternal(url.href);
}
