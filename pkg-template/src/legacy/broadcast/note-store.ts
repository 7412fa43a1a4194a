/** The notes of one interview as a component sees them. */
import type { Unsubscribe } from '../../index.js';
import { ownProfile } from '../interviews/joined-members.js';
import { type NoteSession, takeNoteSession } from './note-session.js';
import { report, signedIn } from './notices.js';
import type { InterviewNote } from './types.js';

/** What is shown; the same object until something in it changed. */
export interface NoteView {
  readonly notes: InterviewNote[];
  readonly isLoading: boolean;
  readonly isConnected: boolean;
  readonly error: Error | null;
  readonly isAddingNote: boolean;
  readonly isDeletingNote: boolean;
  readonly isAddingReply: boolean;
  readonly isDeletingReply: boolean;
}

const NOTHING: NoteView = {
  notes: [],
  isLoading: true,
  isConnected: false,
  error: null,
  isAddingNote: false,
  isDeletingNote: false,
  isAddingReply: false,
  isDeletingReply: false,
};

/** The author's fields of a row; `look` is shown, and is not stored. */
interface Signature {
  created_by: string;
  company_id?: string;
  look: Pick<InterviewNote, 'created_by_profile'>;
}

/** What may be under way. */
type Doing = 'isAddingNote' | 'isDeletingNote' | 'isAddingReply' | 'isDeletingReply';

/** Holds the session of an interview while it has listeners. */
export class NoteStore {
  readonly #interviewId: string;
  readonly #listeners = new Set<() => void>();
  readonly #doing = new Map<Doing, number>();
  #taken: { session: NoteSession; giveBack(): void; end: Unsubscribe } | undefined;
  #view: NoteView;

  constructor(interviewId: string, enabled: boolean) {
    this.#interviewId = enabled ? interviewId : '';
    this.#view = this.#interviewId ? NOTHING : { ...NOTHING, isLoading: false };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#interviewId) this.#take();
    return () => {
      this.#listeners.delete(listener);
      queueMicrotask(() => {
        if (!this.#listeners.size) this.#giveBack();
      });
    };
  };

  readonly getSnapshot = (): NoteView => this.#view;

  readonly getServerSnapshot = (): NoteView => NOTHING;

  readonly addNote = (note: { scriptItemIds: string[]; content: string }): Promise<void> =>
    this.#do(
      'isAddingNote',
      'The note could not be added',
      async ({ notes }, { look, ...signed }) => {
        const { scriptItemIds: script_item_ids, content } = note;
        await notes.insert({ script_item_ids, content, ...signed }, look);
      },
    );

  readonly updateNote = (noteId: string, content: string): Promise<void> =>
    this.#do(undefined, 'The note could not be changed', ({ notes }) =>
      notes.update(noteId, { content }),
    );

  readonly deleteNote = (noteId: string): Promise<void> =>
    this.#do('isDeletingNote', 'The note could not be deleted', ({ notes }) =>
      notes.remove(noteId),
    );

  readonly addReply = (reply: { noteId: string; content: string }): Promise<void> =>
    this.#do(
      'isAddingReply',
      'The reply could not be added',
      async ({ replies, notes }, { look, ...signed }) => {
        const note_id = await notes.realId(reply.noteId);
        await replies.insert({ note_id, content: reply.content, ...signed }, look);
      },
    );

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
    what: Doing | undefined,
    failure: string,
    work: (session: NoteSession, signed: Signature) => Promise<void>,
  ): Promise<void> {
    const auth = signedIn();
    if (!auth) return;
    const { session } = this.#taken ?? {};
    if (!session) {
      report(`${failure}: there is no channel.`);
      return;
    }
    const { user, profile } = auth;
    this.#count(what, 1);
    try {
      await work(session, {
        look: { created_by_profile: ownProfile(auth) },
        created_by: user.id,
        ...(profile?.company_id && { company_id: profile.company_id }),
      });
    } catch (error) {
      report(`${failure}: ${(error as Error).message}`, error);
    } finally {
      this.#count(what, -1);
    }
  }

  #count(what: Doing | undefined, by: 1 | -1): void {
    if (!what) return;
    const count = (this.#doing.get(what) ?? 0) + by;
    this.#doing.set(what, count);
    this.#show({ [what]: count > 0 });
  }

  #take(): void {
    if (this.#taken) return;
    const { session, giveBack } = takeNoteSession(this.#interviewId);
    const see = (): void =>
      this.#show({
        notes: session.handler.getNotesForInterview(this.#interviewId),
        ...session.live.status,
      });
    this.#taken = { session, giveBack, end: session.onChange(see) };
    see();
  }

  #giveBack(): void {
    this.#taken?.end();
    this.#taken?.giveBack();
    this.#taken = undefined;
  }

  #show(changes: Partial<NoteView>): void {
    const next = { ...this.#view, ...changes };
    const keys = Object.keys(next) as (keyof NoteView)[];
    if (keys.every((key) => next[key] === this.#view[key])) return;
    this.#view = next;
    for (const listener of [...this.#listeners]) listener();
  }
}
