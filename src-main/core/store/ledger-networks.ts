import type { LocationId } from '#shared/ids.ts';
import { NetworkRecord } from '#shared/mail/outbox.ts';
import { type Sql, text } from './sql.ts';

/** The networks this machine has been on. */
export function networks(sql: Sql): NetworkRecord[] {
  return sql
    .all('SELECT record FROM networks ORDER BY location_id')
    .map((row) => NetworkRecord.parse(JSON.parse(text(row, 'record'))));
}

export function putNetwork(sql: Sql, network: NetworkRecord): void {
  sql.run(
    'INSERT INTO networks VALUES (?, ?) ON CONFLICT (location_id) DO UPDATE SET record = excluded.record',
    network.locationId,
    JSON.stringify(network),
  );
}

export function removeNetwork(sql: Sql, locationId: LocationId): void {
  sql.run('DELETE FROM networks WHERE location_id = ?', locationId);
}
