import { useState } from 'react';
import type { Collection, Mutation } from 'tidewire';
import { record } from '../realtime/event-log.ts';
import { identity } from '../realtime/identity.ts';
import type { Note, NoteText } from '../realtime/note.ts';
import { isAborted, whyRefused } from '../realtime/refusal.ts';

/** What was tried. */
export type Attempt =
  | { readonly kind: 'insert'; readonly text: NoteText }
  | { readonly kind: 'update'; readonly key: string; readonly text: Partial<NoteText> }
  | { readonly kind: 'delete'; readonly key: string; readonly title: string };

/** A change that was taken back. */
export interface Refusal {
  readonly id: string;
  readonly attempt: Attempt;
  /** Why, in the words of whoever refused it. */
  readonly why: string;
}

/** The ways to change the board, and what did not work out. */
export interface Edits {
  readonly refusals: readonly Refusal[];
  add(text: NoteText): void;
  edit(key: string, text: Partial<NoteText>): void;
  remove(key: string, title: string): void;
  dismiss(refusal: Refusal): void;
}

/** Changes the notes and remembers what was refused, until the person has seen it. */
export function useEdits(notes: Collection<Note>): Edits {
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const attend = ({ id, promise }: Mutation<Note>, attempt: Attempt): void => {
    promise.catch((error: unknown) => {
      // The board was closed: there is nobody to tell.
      if (isAborted(error)) return;
      const why = whyRefused(error);
      record('notes', `Taken back: ${what(attempt)}. ${why}`);
      setRefusals((before) => [...before, { id, attempt, why }]);
    });
  };
  return {
    refusals,
    add(text) {
      const row = { ...text, by: identity.get(), at: Date.now() };
      attend(notes.insert(row), { kind: 'insert', text });
    },
    edit(key, text) {
      const patch = { ...text, by: identity.get() };
      attend(notes.update(key, patch), { kind: 'update', key, text });
    },
    remove(key, title) {
      attend(notes.remove(key), { kind: 'delete', key, title });
    },
    dismiss(refusal) {
      setRefusals((before) => before.filter((each) => each !== refusal));
    },
  };
}

/** Says what was tried, as it continues a sentence. */
export function what(attempt: Attempt): string {
  if (attempt.kind === 'insert') return `the note “${attempt.text.title}”`;
  if (attempt.kind === 'delete') return `the removal of “${attempt.title}”`;
  const { title } = attempt.text;
  return title === undefined ? 'the new text' : `the new title “${title}”`;
}
