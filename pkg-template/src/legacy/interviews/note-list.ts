/** The notes of one interview with their replies: the same objects until something in them changed. */
import { isSameView } from '../view-store.js';
import type { InterviewNote, InterviewNoteReply, NoteRow } from './types.js';

const oldestFirst = (a: InterviewNoteReply, b: InterviewNoteReply): number =>
  (a.created_at ?? '\uffff').localeCompare(b.created_at ?? '\uffff');

/** Puts notes and replies together. */
export class NoteList {
  #shown: InterviewNote[] = [];
  readonly #notes = new WeakMap<object, InterviewNote>();

  /** The notes with those of the replies that are theirs. */
  show(rows: readonly NoteRow[], replies: readonly InterviewNoteReply[]): InterviewNote[] {
    const notes = rows.map((row) => {
      const own = replies.filter(({ note_id }) => note_id === row.id).sort(oldestFirst);
      const before = this.#notes.get(row);
      if (before && isSameView(before.replies, own)) return before;
      const note: InterviewNote = { ...row, replies: own };
      this.#notes.set(row, note);
      return note;
    });
    if (!isSameView(this.#shown, notes)) this.#shown = notes;
    return this.#shown;
  }
}
