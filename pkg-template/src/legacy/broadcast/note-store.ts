/** The store of one interview's notes, for components. */
import type { Unsubscribe } from '../../index.js';
import { ownProfile } from '../interviews/joined-members.js';
import { type Signature, signature } from '../signature.js';
import { ViewStore } from '../view-store.js';
import type { SessionStatus } from './managed-channel.js';
import { NoteSession } from './note-session.js';
import { report, signedIn } from './notices.js';
import type { InterviewNote } from './types.js';

/** The state for components; the same object until something in it changes. */
export interface NoteView extends SessionStatus {
  readonly notes: InterviewNote[];
  readonly isAddingNote: boolean;
  readonly isDeletingNote: boolean;
  readonly isAddingReply: boolean;
  readonly isDeletingReply: boolean;
}

const INITIAL: NoteView = {
  notes: [],
  isLoading: true,
  isConnected: false,
  error: null,
  isAddingNote: false,
  isDeletingNote: false,
  isAddingReply: false,
  isDeletingReply: false,
};

/** The members of a new row that are shown but not stored. */
type ShownMembers = Pick<InterviewNote, 'created_by_profile'>;

type Activity = Exclude<keyof NoteView, keyof SessionStatus | 'notes'>;

/** A store with the session of an interview, which is open while the store has listeners. */
export class NoteStore extends ViewStore<NoteView> {
  readonly #interviewId: string;
  readonly #running = new Map<Activity, number>();
  #opened: { session: NoteSession; end: Unsubscribe } | undefined;

  constructor(interviewId: string, enabled: boolean) {
    super(INITIAL, { ...INITIAL, isLoading: enabled && !!interviewId });
    this.#interviewId = enabled ? interviewId : '';
  }

  /** Adds a note, which is shown at once. Its key in lists is `note.tempId ?? note.id`. */
  readonly addNote = (note: { scriptItemIds: string[]; content: string }): Promise<void> =>
    this.#do(
      'isAddingNote',
      'The note could not be added',
      async ({ notes }, signed, shownOnly) => {
        const { scriptItemIds: script_item_ids, content } = note;
        await notes.insert({ script_item_ids, content, ...signed }, shownOnly);
      },
    );

  /** Changes a note's text; the change is shown at once. */
  readonly updateNote = (noteId: string, content: string): Promise<void> =>
    this.#do(undefined, 'The note could not be changed', ({ notes }) =>
      notes.update(noteId, { content }),
    );

  /** Removes a note; the change is shown at once. */
  readonly deleteNote = (noteId: string): Promise<void> =>
    this.#do('isDeletingNote', 'The note could not be deleted', ({ notes }) =>
      notes.remove(noteId),
    );

  /** Adds a reply, which is shown at once. */
  readonly addReply = (reply: { noteId: string; content: string }): Promise<void> =>
    this.#do(
      'isAddingReply',
      'The reply could not be added',
      async ({ replies, notes }, signed, shownOnly) => {
        const note_id = await notes.realId(reply.noteId);
        await replies.insert({ note_id, content: reply.content, ...signed }, shownOnly);
      },
    );

  /** Removes a reply; the change is shown at once. Legacy code passes both ids in an object. */
  readonly deleteReply = (
    ...given: [noteId: string, replyId: string] | [reply: { noteId: string; replyId: string }]
  ): Promise<void> => {
    const [first, second = ''] = given;
    const replyId = typeof first === 'object' ? first.replyId : second;
    return this.#do('isDeletingReply', 'The reply could not be deleted', ({ replies }) =>
      replies.remove(replyId),
    );
  };

  /** Runs an action for the signed-in user; errors are shown. */
  async #do(
    what: Activity | undefined,
    failure: string,
    work: (session: NoteSession, signed: Signature, shownOnly: ShownMembers) => Promise<void>,
  ): Promise<void> {
    const auth = signedIn();
    if (!auth) return;
    const { session } = this.#opened ?? {};
    if (!session) {
      report(`${failure}: there is no channel.`);
      return;
    }
    this.#count(what, 1);
    try {
      await work(session, signature(), { created_by_profile: ownProfile(auth) });
    } catch (error) {
      report(`${failure}: ${(error as Error).message}`, error);
    } finally {
      this.#count(what, -1);
    }
  }

  #count(what: Activity | undefined, by: 1 | -1): void {
    if (!what) return;
    const count = (this.#running.get(what) ?? 0) + by;
    this.#running.set(what, count);
    this.show({ [what]: count > 0 });
  }

  protected override opened(): void {
    if (this.#opened || !this.#interviewId) return;
    const session = NoteSession.of(this.#interviewId);
    const update = (): void => this.show(session.getSnapshot());
    this.#opened = { session, end: session.subscribe(update) };
    update();
  }

  protected override closed(): void {
    this.#opened?.end();
    this.#opened = undefined;
  }
}
