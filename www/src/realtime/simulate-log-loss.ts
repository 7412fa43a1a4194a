/** Makes this tab miss changes that the server then forgets. */
import { simulateOffline, unplugged } from '../page/network.ts';
import type { Control } from './control.ts';
import type { Note } from './note.ts';
import { NOTES } from './notes.ts';
import { changeTable, readTable } from './table.ts';

const CHANGES = 12;
/** One note takes all the changes, however often this is tried. */
const ID = 'written-meanwhile';

/**
 * Takes this tab offline, changes the notes from outside, empties the log and comes back: what was
 * missed cannot be delivered any more.
 *
 * @throws Error when the server cannot be reached or refuses
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
    body: `Change ${number} of ${CHANGES}. No message told you: the board was loaded again.`,
    by: 'the trial',
    at: Date.now(),
  };
}
