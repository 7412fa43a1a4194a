import { useMemo } from 'react';
import type { InterviewNote } from './types.js';
import { type InterviewNotesBroadcast, useNotes } from './use-interview-notes-broadcast.js';

/** The notes of an interview and the replies to them. */
export interface InterviewNotesRealtime extends InterviewNotesBroadcast {
  readonly isAddingReply: boolean;
  readonly isDeletingReply: boolean;
  /** The notes on one sentence of the script. */
  getNotesByScriptId(scriptId: string): InterviewNote[];
  /** Adds a reply; it shows at once. */
  addReply(reply: { noteId: string; content: string }): Promise<void>;
  /** Removes a reply, at once. Earlier code passed both ids in an object. */
  deleteReply(noteId: string, replyId: string): Promise<void>;
  deleteReply(reply: { noteId: string; replyId: string }): Promise<void>;
}

/**
 * The notes of an interview and the replies to them. It needs no provider.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useInterviewNotesRealtime(interviewId: string): InterviewNotesRealtime {
  const [store, view] = useNotes(interviewId, true);
  return useMemo(
    () => ({
      ...view,
      addNote: store.addNote,
      updateNote: store.updateNote,
      deleteNote: store.deleteNote,
      addReply: store.addReply,
      deleteReply: store.deleteReply,
      getNotesByScriptId: (scriptId) =>
        view.notes.filter(({ script_item_ids }) => script_item_ids.includes(scriptId)),
    }),
    [store, view],
  );
}
