import { z } from 'zod';
import type { FolderPath } from '#shared/ids.ts';
import { ImportReport } from '#shared/job.ts';

const { failed, folders } = ImportReport.shape;
const whole = z.number().int().nonnegative();

/** What an import has come to so far, as it is written down. */
export const TallyData = z.object({
  seen: whole,
  imported: whole,
  duplicates: whole,
  malformed: whole,
  deleted: whole,
  leftOut: whole,
  partial: whole,
  failedTotal: whole,
  failed,
  folders,
  tags: z.array(z.string()),
});
export type TallyData = z.infer<typeof TallyData>;

/** So many failures are told one by one. */
const toldFailures = 1000;

/** Counts what becomes of messages: of a whole import, or of a part of it that is added once it is durable. */
export class Tally {
  seen = 0;
  imported = 0;
  duplicates = 0;
  malformed = 0;
  deleted = 0;
  leftOut = 0;
  partial = 0;
  #failedTotal = 0;
  #failed: ImportReport['failed'] = [];
  readonly #folders = new Map<FolderPath, number>();
  readonly #tags = new Set<string>();

  static from(data: TallyData | undefined): Tally {
    const tally = new Tally();
    if (data !== undefined) tally.add(data);
    return tally;
  }

  fail(failure: ImportReport['failed'][number]): void {
    this.#failedTotal++;
    if (this.#failed.length < toldFailures) this.#failed.push(failure);
  }

  /** One message came in. */
  file(folder: FolderPath, tags: readonly string[], isPartial: boolean): void {
    this.imported++;
    this.#folders.set(folder, (this.#folders.get(folder) ?? 0) + 1);
    if (isPartial) this.partial++;
    for (const tag of tags) this.#tags.add(tag);
  }

  add(more: TallyData): void {
    this.seen += more.seen;
    this.imported += more.imported;
    this.duplicates += more.duplicates;
    this.malformed += more.malformed;
    this.deleted += more.deleted;
    this.leftOut += more.leftOut;
    this.partial += more.partial;
    this.#failedTotal += more.failedTotal;
    this.#failed = [...this.#failed, ...more.failed].slice(0, toldFailures);
    for (const { folder, imported } of more.folders)
      this.#folders.set(folder, (this.#folders.get(folder) ?? 0) + imported);
    for (const tag of more.tags) this.#tags.add(tag);
  }

  toData(): TallyData {
    const { seen, imported, duplicates, malformed, deleted, leftOut, partial } = this;
    return {
      ...{ seen, imported, duplicates, malformed, deleted, leftOut, partial },
      failedTotal: this.#failedTotal,
      failed: this.#failed,
      folders: [...this.#folders].map(([folder, count]) => ({ folder, imported: count })),
      tags: [...this.#tags].sort(),
    };
  }
}
