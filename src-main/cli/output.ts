/** Where a command writes: results on standard output, words about them on standard error. */
export interface Output {
  readonly isJson: boolean;
  /** One JSON value on a line of its own. */
  json(value: unknown): void;
  /** A line for a person. What came from mail or servers is stripped of terminal controls. */
  line(text?: string): void;
  /** Columns aligned; the last one is not padded. */
  table(rows: readonly (readonly string[])[]): void;
  /** A line on standard error. */
  note(text: string): void;
  /** Where a job stands, on one line that is written over; only where a person watches. */
  progress(text: string): void;
  /** Bytes as they are; resolves when there is room for more. */
  bytes(chunk: Uint8Array): Promise<void>;
}

export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

export function createOutput({ stdout, stderr }: Streams, isJson: boolean): Output {
  let isProgressShown = false;
  const clearProgress = (): void => {
    if (isProgressShown) stderr.write('\r\x1b[K');
    isProgressShown = false;
  };
  const line = (text = ''): void => {
    clearProgress();
    stdout.write(`${plain(text)}\n`);
  };
  return {
    isJson,
    json(value) {
      clearProgress();
      stdout.write(`${JSON.stringify(value)}\n`);
    },
    line,
    table(rows) {
      const widths: number[] = [];
      const cells = rows.map((row) => row.map((cell) => plain(cell.replace(/\s+/g, ' '))));
      for (const row of cells)
        for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
      for (const row of cells)
        line(
          row
            .map((cell, column) => padded(cell, widths[column] ?? 0))
            .join('  ')
            .trimEnd(),
        );
    },
    note(text) {
      clearProgress();
      stderr.write(`${plain(text)}\n`);
    },
    progress(text) {
      if (isJson || stderr.isTTY !== true) return;
      stderr.write(`\r\x1b[K${plain(text.replace(/\s+/g, ' ')).slice(0, Math.min(100, (stderr.columns ?? 101) - 1))}`);
      isProgressShown = true;
    },
    bytes: (chunk) =>
      new Promise((resolve, reject) => {
        stdout.write(chunk, (error) => (error === null || error === undefined ? resolve() : reject(error)));
      }),
  };
}

/** Without controls and direction overrides: a subject must not be able to drive the terminal. */
export function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (control) =>
      control === '\n' || control === '\t' ? control : '·',
    );
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Columns on a terminal, near enough: East Asian wide characters and pictures take two, combining marks none. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{M}|\p{Cf}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

/** `1.2 MB` */
export function octetsInWords(octets: number): string {
  if (octets < 1000) return `${octets} B`;
  for (const [unit, size] of [
    ['kB', 1e3],
    ['MB', 1e6],
    ['GB', 1e9],
  ] as const)
    if (octets < size * 999.5 || unit === 'GB') return `${(octets / size).toFixed(octets < size * 10 ? 1 : 0)} ${unit}`;
  return `${octets} B`;
}

/** `0.2 s` */
export function durationInWords(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

/** `1 message`, `3 messages` */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
