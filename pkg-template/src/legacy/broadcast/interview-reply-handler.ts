import { type ChangePayload, ListHandler } from './list-handler.js';
import type { InterviewNoteReply } from './types.js';

/** The replies to notes, from messages of the type `interview_note_reply`. */
export class InterviewReplyHandler extends ListHandler<InterviewNoteReply> {
  protected override listOf({ note_id }: ChangePayload<InterviewNoteReply>): string | undefined {
    return note_id;
  }

  /** Takes in what was loaded for a note. */
  load(noteId: string, replies: readonly InterviewNoteReply[]): void {
    this.replace(noteId, replies);
  }

  /** Forgets those of a note. */
  clear(noteId: string): void {
    this.drop(noteId);
  }
}
