import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Every message file below a Mail folder: its path there, the SHA-256 of its bytes, and its time. */
export function filesOf(mailFolder: string): string[] {
  const names = readdirSync(mailFolder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /(?:^|\/)(?:new|cur)\/[^/]+$/.test(name))
    .map((name) => {
      const path = join(mailFolder, name);
      const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
      return `${name} ${digest} ${Math.round(statSync(path).mtimeMs)}`;
    })
    .sort();
}

/** The folders of a Maildir++, by the names of their directories. */
export function directoriesOf(mailFolder: string): string[] {
  return readdirSync(mailFolder)
    .filter((name) => name.startsWith('.'))
    .sort();
}

/** Every row of every table of a ledger that no program has open. */
export function ledgerOf(profileDir: string): Record<string, unknown[]> {
  const db = new DatabaseSync(join(profileDir, 'ledger.sqlite'), { readOnly: true });
  try {
    return Object.fromEntries(
      tablesOf(db).map((table) => [
        table,
        db
          .prepare(`SELECT * FROM ${table}`)
          .all()
          .map((row) => ({ ...row }))
          .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      ]),
    );
  } finally {
    db.close();
  }
}

function tablesOf(db: DatabaseSync): string[] {
  return db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map(({ name }) => String(name));
}
