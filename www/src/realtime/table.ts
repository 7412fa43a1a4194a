/** Reads and changes the server's tables over HTTP; collections are loaded from them. */
import type { Position } from 'tidewire';

/** All rows of a table, and their position in its channel's stream. */
export interface Table<Row> {
  rows: Row[];
  position: Position;
}

/** A change made over HTTP, not through the page's connection. */
export type TableChange<Row> =
  | { change: 'insert' | 'update'; row: Row }
  | { change: 'delete'; key: string };

async function requestTable<Answer>(channel: string, request: RequestInit): Promise<Answer> {
  const response = await fetch(`/tables/${encodeURIComponent(channel)}`, request);
  if (!response.ok) throw new Error(`The table “${channel}” answered ${response.status}.`);
  return (await response.json()) as Answer;
}

/**
 * Reads the table of a channel.
 *
 * @throws Error when the server cannot be reached or rejects
 */
export function readTable<Row>(channel: string): Promise<Table<Row>> {
  return requestTable(channel, { cache: 'no-store' });
}

/**
 * Changes the table of a channel.
 *
 * @throws Error when the server cannot be reached or rejects
 */
export async function changeTable<Row>(channel: string, change: TableChange<Row>): Promise<void> {
  await requestTable(channel, { method: 'POST', body: JSON.stringify(change) });
}
