/** The session of one interview's notes: one channel and one list, shared by all components that show them. */
import { ViewStore } from '../view-store.js';
import { channelManager } from './channel-manager.js';
import { getInterviewChannelName, InterviewBroadcastType } from './envelope.js';
import { InterviewNoteHandler } from './interview-note-handler.js';
import { type SessionStatus, statusOf } from './managed-channel.js';
import { RowTable } from './row-table.js';
import type { InterviewNote, InterviewNoteReply } from './types.js';

interface Notes extends SessionStatus {
  /** The notes, newest first; the same list until it changes. */
  readonly notes: InterviewNote[];
}

const sessions = new Map<string, NoteSession>();

/** Keeps the notes of an interview up to date while it has listeners. */
export class NoteSession extends ViewStore<Notes> {
  readonly notes: RowTable<InterviewNote>;
  readonly replies: RowTable<InterviewNoteReply>;
  readonly #interviewId: string;
  readonly #close: () => void;

  /** Returns the session of an interview. It is shared until its last listener is removed. */
  static of(interviewId: string): NoteSession {
    const session = sessions.get(interviewId) ?? new NoteSession(interviewId);
    sessions.set(interviewId, session);
    return session;
  }

  private constructor(interviewId: string) {
    super({ notes: [], isLoading: true, isConnected: false, error: null });
    this.#interviewId = interviewId;
    const handler = new InterviewNoteHandler();
    const channel = channelManager.getChannel({ name: getInterviewChannelName(interviewId) });
    const changed = (): void => {
      const notes = handler.getNotesForInterview(interviewId);
      this.show({ notes, ...statusOf(channel, [this.notes.rows, this.replies.rows]) });
    };
    const own = { where: { interview_id: interviewId }, channel };
    this.notes = new RowTable<InterviewNote>(
      {
        ...own,
        handler,
        type: InterviewBroadcastType.INTERVIEW_NOTE,
        table: 'interview_notes',
        rowChannel: `interview-notes:${interviewId}`,
        loaded: (notes) => handler.loadInitialData(interviewId, notes),
      },
      changed,
    );
    this.replies = new RowTable<InterviewNoteReply>(
      {
        ...own,
        handler: handler.replies,
        type: InterviewBroadcastType.INTERVIEW_NOTE_REPLY,
        table: 'interview_note_replies',
        rowChannel: `interview-replies:${interviewId}`,
        // Legacy backends return the replies with the notes, and have no other endpoint.
        backend: 'may lack it',
        loaded(replies) {
          const owners = [
            ...handler.replies.lists.keys(),
            ...replies.map(({ note_id }) => note_id),
          ];
          for (const owner of new Set(owners)) {
            const own = replies.filter(({ note_id }) => note_id === owner);
            handler.replies.replace(owner, own);
          }
        },
      },
      changed,
    );
    const end = channel.onChange(changed);
    this.#close = () => {
      end();
      this.notes.close();
      this.replies.close();
      void channel.unsubscribe();
    };
    void channel.subscribe();
    changed();
  }

  async reload(): Promise<void> {
    await Promise.all([this.notes.reload(), this.replies.reload()]);
  }

  protected override closed(): void {
    if (sessions.get(this.#interviewId) !== this) return;
    sessions.delete(this.#interviewId);
    this.#close();
  }
}
