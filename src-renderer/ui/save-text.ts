/** Saves text as a file the user keeps, where the window puts its downloads. */
export function saveText(text: string, fileName: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // The download has its own hold on the bytes once it began; a minute is long enough for that.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
