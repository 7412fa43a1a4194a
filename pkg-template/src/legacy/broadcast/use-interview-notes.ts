import { useMemo } from 'react';
import { useSame, useView } from '../use-view.js';
import { NoteStore, type NoteView } from './note-store.js';
import type { InterviewNote } from './types.js';

export interface InterviewNotesOptions {
  interviewId: string;
  /** Default `true`. */
  enabled?: boolean;
}

/** The notes of an interview, and the functions that change them. Their promises resolve even if the change is rejected, which is shown as a toast. */
export type InterviewNotesBroadcast = Omit<NoteView, 'isAddingReply' | 'isDeletingReply'> &
  Pick<NoteStore, 'addNote' | 'updateNote' | 'deleteNote'>;

/** The notes of an interview and the replies to them. */
export type InterviewNotesRealtime = NoteView &
  InterviewNotesBroadcast &
  Pick<NoteStore, 'addReply' | 'deleteReply'> & {
    /** Returns the notes on one sentence of the script. */
    getNotesByScriptId(scriptId: string): InterviewNote[];
  };

function useNotes(interviewId: string, enabled: boolean): [NoteStore, NoteView] {
  const store = useMemo(() => new NoteStore(interviewId, enabled), [interviewId, enabled]);
  return [store, useView(store)];
}

/**
 * Returns the notes of an interview. It needs no provider.
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

/**
 * Returns the notes of an interview and the replies to them. It needs no provider.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useInterviewNotesRealtime(interviewId: string): InterviewNotesRealtime {
  const [store, view] = useNotes(interviewId, true);
  return useMemo(() => {
    const { addNote, updateNote, deleteNote, addReply, deleteReply } = store;
    const getNotesByScriptId = (scriptId: string): InterviewNote[] =>
      view.notes.filter(({ script_item_ids }) => script_item_ids.includes(scriptId));
    const actions = { addNote, updateNote, deleteNote, addReply, deleteReply };
    return { ...view, ...actions, getNotesByScriptId };
  }, [store, view]);
}
