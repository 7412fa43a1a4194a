/** Makes this tab miss changes that the server then removes from its log. */
import { simulateOffline, unplugged } from '../page/network.ts';
import type { Control } from './control.ts';
import type { Note } from './note.ts';
import { NOTES } from './notes.ts';
import { changeTable, readTable } from './table.ts';

const CHANGES = 12;
/** The note that all changes are made to. */
const ID = 'written-meanwhile';

/**
 * Takes this tab offline, changes the notes over HTTP, empties the log and goes online: missed
 * messages can no longer be delivered.
 *
 * @throws Error when the server cannot be reached or rejects
 */
export async function loseChanges(control: Control): Promise<void> {
  const wasOffline = unplugged.get();
  simulateOffline(true);
  try {
    const { rows } = await readTable<Note>(NOTES);
    let change: 'insert' | 'update' = rows.some(({ id }) => id === ID) ? 'update' : 'insert';
    for (let number = 1; number <= CHANGES; number += 1) {
      await changeTable<Note>(NOTES, { change, row: written(number) });
      change = 'update';
    }
    await control.trim(NOTES);
  } finally {
    simulateOffline(wasOffline);
  }
}

function written(number: number): Note {
  return {
    id: ID,
    title: 'Written while you were cut off',
    body: `Change ${number} of ${CHANGES}. No message was delivered: the board was loaded again.`,
    by: 'the fault control',
    at: Date.now(),
  };
}
