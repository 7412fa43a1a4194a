/** The session of one interview's notes: one channel and one list for all components that show them. */
import type { Unsubscribe } from '../../index.js';
import { ListenerList } from '../listeners.js';
import { channelManager } from './channel-manager.js';
import { getInterviewChannelName } from './channel-names.js';
import { InterviewBroadcastType } from './envelope.js';
import { InterviewNoteHandler } from './interview-note-handler.js';
import type { ManagedChannel } from './managed-channel.js';
import { RowTable } from './row-table.js';
import { type SessionStatus, statusOf } from './session-status.js';
import type { InterviewNote, InterviewNoteReply } from './types.js';

export class NoteSession {
  readonly handler = new InterviewNoteHandler();
  readonly notes: RowTable<InterviewNote>;
  readonly replies: RowTable<InterviewNoteReply>;
  readonly #channel: ManagedChannel;
  readonly #listeners = new ListenerList();
  readonly #end: Unsubscribe;

  constructor(readonly interviewId: string) {
    const changed = (): void => this.#listeners.emit();
    const { handler } = this;
    this.#channel = channelManager.getChannel({ name: getInterviewChannelName(interviewId) });
    const own = { where: { interview_id: interviewId }, channel: this.#channel };
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
        // Older backends return the replies with the notes, and have no other endpoint.
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
    this.#end = this.#channel.onChange(changed);
    void this.#channel.subscribe();
  }

  get status(): SessionStatus {
    return statusOf(this.#channel, [this.notes, this.replies]);
  }

  async reload(): Promise<void> {
    await Promise.all([this.notes.reload(), this.replies.reload()]);
  }

  /** Listens to changes of the notes, or of their status. */
  onChange(listener: () => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  close(): void {
    this.#end();
    this.notes.close();
    this.replies.close();
    void this.#channel.unsubscribe();
  }
}

/** The sessions there are, and how many have each. */
const sessions = new Map<string, { session: NoteSession; users: number }>();

/** The session of an interview, until it is given back. */
export function takeNoteSession(interviewId: string): { session: NoteSession; giveBack(): void } {
  const entry = sessions.get(interviewId) ?? { session: new NoteSession(interviewId), users: 0 };
  sessions.set(interviewId, entry);
  entry.users += 1;
  let state: 'taken' | 'given back' = 'taken';
  return {
    session: entry.session,
    giveBack() {
      if (state === 'given back') return;
      state = 'given back';
      entry.users -= 1;
      // A component that acquires it again in the same task, as in StrictMode, finds it unchanged.
      queueMicrotask(() => {
        if (entry.users || sessions.get(interviewId) !== entry) return;
        sessions.delete(interviewId);
        entry.session.close();
      });
    },
  };
}
