import { isSameView, sameOr } from '../view-store.js';
import { BroadcastAction, type BroadcastMessage, InterviewBroadcastType } from './envelope.js';
import { type ChangePayload, ListHandler } from './list-handler.js';
import type { InterviewNote, InterviewNoteReply } from './types.js';

/** All received notes and replies; another object after each change. */
export interface NoteState {
  /** The notes by interview, newest first. */
  notes: ReadonlyMap<string, InterviewNote[]>;
  replies: ReadonlyMap<string, InterviewNoteReply[]>;
}

interface Sync {
  interview_id: string;
  notes: InterviewNote[];
}

const isShown = ({ is_deleted }: { is_deleted?: boolean }): boolean => !is_deleted;

/**
 * Keeps the notes of interviews, from messages of the types `interview_note` and `interview_note_reply`.
 *
 * @deprecated Use `client.collection(…)` of `tidewire`, or `useCollection` of `tidewire/react`.
 */
export class InterviewNoteHandler extends ListHandler<InterviewNote> {
  readonly replies = new ListHandler<InterviewNoteReply>('note_id');
  readonly #shown = new WeakMap<InterviewNote, InterviewNote>();
  readonly #lists = new Map<string, InterviewNote[]>();

  constructor() {
    super('interview_id');
  }

  /** Adds a listener, which is called with the state, now and after each change. */
  subscribe(listener: (state: NoteState) => void): () => void {
    const notify = (): void => listener(this.getState());
    const ends = [this.onChange(notify), this.replies.onChange(notify)];
    notify();
    return () => {
      for (const end of ends) end();
    };
  }

  getState(): NoteState {
    return { notes: this.lists, replies: this.replies.lists };
  }

  override handleMessage(message: BroadcastMessage<ChangePayload<InterviewNote>>): void {
    if (message.type === InterviewBroadcastType.INTERVIEW_NOTE_REPLY) {
      this.replies.handleMessage(message as BroadcastMessage<ChangePayload<InterviewNoteReply>>);
    } else if (message.action !== BroadcastAction.SYNC) super.handleMessage(message);
    else if (this.accept(message)) {
      const { interview_id, notes } = message.payload as unknown as Sync;
      this.loadInitialData(interview_id, notes);
    }
  }

  /** Adds a note that is not stored yet; returns its temporary id. */
  addNoteOptimistic(interviewId: string, note: Partial<InterviewNote>): string {
    return this.addOptimistic({
      script_item_ids: [],
      content: '',
      created_at: new Date().toISOString(),
      ...note,
      interview_id: interviewId,
    });
  }

  /** Returns the notes of an interview with their replies, newest first; the same list until it changes. */
  getNotesForInterview(interviewId: string): InterviewNote[] {
    const shown = this.of(interviewId).filter(isShown);
    const notes = shown.map((note) => this.#note(note));
    const list = sameOr(this.#lists.get(interviewId), notes);
    this.#lists.set(interviewId, list);
    return list;
  }

  /** Replaces an interview's notes with the loaded ones. Notes that are not stored yet are kept. */
  loadInitialData(interviewId: string, notes: readonly InterviewNote[]): void {
    this.replace(interviewId, notes);
    for (const { id, replies } of notes) if (replies) this.replies.replace(id, replies);
  }

  /** Removes an interview's notes, and the replies to them. */
  clearInterview(interviewId: string): void {
    for (const { id } of this.of(interviewId)) this.replies.drop(id);
    this.#lists.delete(interviewId);
    this.drop(interviewId);
  }

  #note(note: InterviewNote): InterviewNote {
    const replies = this.replies.of(note.id).filter(isShown).reverse();
    const before = this.#shown.get(note);
    if (before && isSameView(before.replies ?? [], replies)) return before;
    const shown = { ...note, replies };
    this.#shown.set(note, shown);
    return shown;
  }
}
