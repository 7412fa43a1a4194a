import { useMemo } from 'react';
import { stored } from '../live-rows.js';
import { signature } from '../signature.js';
import { useSame, useView } from '../use-view.js';
import type { ProjectStore } from './project-store.js';
import { useProjectStore } from './provider.js';
import { useRealtimeInterviewNotes } from './selectors.js';
import type { InterviewNote, InterviewNoteReply } from './types.js';

/** The notes of an interview, and the functions that change them. Their promises reject if the server rejects the change. */
export interface InterviewNotesRealtime {
  notes: InterviewNote[];
  isLoading: boolean;
  error: Error | null;
  /** Adds a note, or with `parentId` a reply to that note. It is shown at once. */
  createNote(content: string, parentId?: string, scriptItemIds?: string[]): Promise<void>;
  /** Changes a note's text; the change is shown at once. */
  updateNote(noteId: string, content: string): Promise<void>;
  deleteNote(noteId: string): Promise<void>;
  addReply(noteId: string, content: string): Promise<void>;
  deleteReply(replyId: string): Promise<void>;
}

function changesOf(
  store: ProjectStore,
  interviewId: string,
): Omit<InterviewNotesRealtime, 'notes' | 'isLoading' | 'error'> {
  const rows = () => store.project.rows.follow(interviewId);
  const addReply = async (noteId: string, content: string): Promise<void> => {
    const reply = { ...signature(), note_id: noteId, interview_id: interviewId, content };
    await stored(rows().replies.insert(reply as InterviewNoteReply));
  };
  return {
    async createNote(content, parentId, scriptItemIds = []) {
      if (parentId) return addReply(parentId, content);
      const note = {
        ...signature(),
        interview_id: interviewId,
        script_item_ids: scriptItemIds,
        content,
      };
      await stored(rows().notes.insert(note));
    },
    async updateNote(noteId, content) {
      await stored(rows().notes.update(noteId, { content }));
    },
    async deleteNote(noteId) {
      await stored(rows().notes.remove(noteId));
    },
    addReply,
    async deleteReply(replyId) {
      await stored(rows().replies.remove(replyId));
    },
  };
}

/**
 * Returns the notes of an interview of the current project.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useInterviewNotesRealtime(interviewId: string): InterviewNotesRealtime {
  const store = useProjectStore('useInterviewNotesRealtime');
  const notes = useRealtimeInterviewNotes(interviewId);
  const { isLoading, error } = useView(store);
  const changes = useMemo(() => changesOf(store, interviewId), [store, interviewId]);
  return useSame({ notes, isLoading, error, ...changes });
}
