/** The event log that the page shows, newest first. */
import { createStore } from './store.ts';

/** The kind of an entry. */
export type EntryKind =
  | 'state'
  | 'socket'
  | 'engine'
  | 'channel'
  | 'notes'
  | 'token'
  | 'error'
  | 'you';

/** One entry of the log. */
export interface Entry {
  id: number;
  /** In milliseconds since 1970. */
  at: number;
  kind: EntryKind;
  text: string;
  /** The client's reason code, if there is one. */
  reason?: string | undefined;
}

const KEPT = 80;
let last = 0;

/** The entries, newest first. */
export const eventLog = createStore<readonly Entry[]>([]);

/** Adds an entry. */
export function record(kind: EntryKind, text: string, reason?: string): void {
  last += 1;
  const entry: Entry = { id: last, at: Date.now(), kind, text, reason };
  eventLog.set([entry, ...eventLog.get().slice(0, KEPT - 1)]);
}

/** Removes all entries. */
export function clearEventLog(): void {
  eventLog.set([]);
}
