/** The board: a collection over the channel `notes`, loaded from the channel's table. */
import type { Collection, Gap } from 'tidewire';
import { client } from './client.ts';
import { record } from './event-log.ts';
import { latestFirst, type Note } from './note.ts';
import { createStore } from './store.ts';
import { readTable, type Table } from './table.ts';

/** The board's channel. */
export const NOTES = 'notes';

/** Lost messages of the board, and when it was reloaded. */
export interface Loss {
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** When the notes were loaded again, in milliseconds since 1970; `null` until then. */
  readonly reloadedAt: number | null;
}

/** The latest loss, until it is dismissed. */
export const loss = createStore<Loss | null>(null);

/** Opens the board. It counts as a listener until it is released. */
export function openNotes(): Collection<Note> {
  return client.collection<Note>(NOTES, { load, sort: latestFirst, onGap: onLoss });
}

async function load(): Promise<Table<Note>> {
  const before = loss.get();
  const table = await readTable<Note>(NOTES);
  record('notes', `Loaded ${table.rows.length} notes, as of message ${table.position.seq}`);
  // Rows requested before a loss was reported do not repair it.
  if (before && before === loss.get()) loss.set({ ...before, reloadedAt: Date.now() });
  return table;
}

function onLoss({ from, to }: Gap): void {
  loss.set({ from, to, reloadedAt: null });
}
