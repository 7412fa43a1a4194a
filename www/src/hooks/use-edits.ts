import { useState } from 'react';
import type { Collection, Mutation } from 'tidewire';
import { record } from '../realtime/event-log.ts';
import { identity } from '../realtime/identity.ts';
import type { Note, NoteText } from '../realtime/note.ts';
import { isAborted, rejectionReason } from '../realtime/rejection.ts';

/** The attempted change. */
export type Attempt =
  | { readonly kind: 'insert'; readonly text: NoteText }
  | { readonly kind: 'update'; readonly key: string; readonly text: Partial<NoteText> }
  | { readonly kind: 'delete'; readonly key: string; readonly title: string };

/** A change that was rolled back. */
export interface RejectedEdit {
  readonly id: string;
  readonly attempt: Attempt;
  /** Why it was rejected. */
  readonly why: string;
}

/** The board's edit functions, and the rejected edits. */
export interface Edits {
  readonly rejections: readonly RejectedEdit[];
  add(text: NoteText): void;
  edit(key: string, text: Partial<NoteText>): void;
  remove(key: string, title: string): void;
  dismiss(rejection: RejectedEdit): void;
}

/** Changes the notes and keeps rejected edits until they are dismissed. */
export function useEdits(notes: Collection<Note>): Edits {
  const [rejections, setRejections] = useState<readonly RejectedEdit[]>([]);
  const watch = ({ id, promise }: Mutation<Note>, attempt: Attempt): void => {
    promise.catch((error: unknown) => {
      // The board was closed: the notice would not be shown.
      if (isAborted(error)) return;
      const why = rejectionReason(error);
      record('notes', `Rolled back: ${what(attempt)}. ${why}`);
      setRejections((before) => [...before, { id, attempt, why }]);
    });
  };
  return {
    rejections,
    add(text) {
      const row = { ...text, by: identity.get(), at: Date.now() };
      watch(notes.insert(row), { kind: 'insert', text });
    },
    edit(key, text) {
      const patch = { ...text, by: identity.get() };
      watch(notes.update(key, patch), { kind: 'update', key, text });
    },
    remove(key, title) {
      watch(notes.remove(key), { kind: 'delete', key, title });
    },
    dismiss(rejection) {
      setRejections((before) => before.filter((each) => each !== rejection));
    },
  };
}

/** Describes the attempted change, as the beginning of a sentence. */
export function what(attempt: Attempt): string {
  if (attempt.kind === 'insert') return `the note “${attempt.text.title}”`;
  if (attempt.kind === 'delete') return `the removal of “${attempt.title}”`;
  const { title } = attempt.text;
  return title === undefined ? 'the new text' : `the new title “${title}”`;
}
