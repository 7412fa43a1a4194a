import { useMemo } from 'react';
import { useSame, useView } from '../use-view.js';
import { NoteStore, type NoteView } from './note-store.js';

export interface InterviewNotesOptions {
  interviewId: string;
  /** Default `true`. */
  enabled?: boolean;
}

/** The notes of an interview, and the functions that change them. A rejection is shown as a toast, and resolves. */
export interface InterviewNotesBroadcast
  extends Omit<NoteView, 'isAddingReply' | 'isDeletingReply'> {
  /** Adds a note; it shows at once. Its key in lists is `note.tempId ?? note.id`. */
  addNote(note: { scriptItemIds: string[]; content: string }): Promise<void>;
  /** Changes a note's text, at once. */
  updateNote(noteId: string, content: string): Promise<void>;
  /** Takes a note away, at once. */
  deleteNote(noteId: string): Promise<void>;
}

export function useNotes(interviewId: string, enabled: boolean): [NoteStore, NoteView] {
  const store = useMemo(() => new NoteStore(interviewId, enabled), [interviewId, enabled]);
  return [store, useView(store)];
}

/**
 * The notes of an interview. It needs no provider.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useInterviewNotesBroadcast({
  interviewId,
  enabled = true,
}: InterviewNotesOptions): InterviewNotesBroadcast {
  const [{ addNote, updateNote, deleteNote }, view] = useNotes(interviewId, enabled);
  const { isAddingReply, isDeletingReply, ...shown } = view;
  return useSame({ ...shown, addNote, updateNote, deleteNote });
}
