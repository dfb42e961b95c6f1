import type { ExportFormat } from '#shared/rpc/contract.ts';

/** Whether an export is one file or a folder: the ending says so, and the default name carries it. */
export const endings: Record<ExportFormat, string> = { mbox: '', eml: '', maildir: '', zip: '.zip' };

/** `…/Postrider exports/mail-2026-03-04-mbox`, in the way the machine writes paths. */
export function proposedTarget(folder: string, format: ExportFormat, date: Date): string {
  const isWindows = /^[a-z]:\\|^\\\\/iu.test(folder);
  const separator = isWindows ? '\\' : '/';
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const name = format === 'zip' ? `mail-${day}` : `mail-${day}-${format}`;
  return `${folder.replace(/[\\/]+$/u, '')}${separator}${name}${endings[format]}`;
}

/** The folder a path lies in; '' when it has none. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return end < 0 ? '' : path.slice(0, end);
}
