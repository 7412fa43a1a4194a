/** The session of one interview's notes: one channel and one list for all components that show them. */
import type { Unsubscribe } from '../../index.js';
import { legacyConfig } from '../index.js';
import { channelManager } from './channel-manager.js';
import { getInterviewChannelName } from './channel-names.js';
import { InterviewBroadcastType } from './envelope.js';
import { InterviewNoteHandler } from './interview-note-handler.js';
import { LiveList } from './live-list.js';
import { rowsOf } from './loaded-rows.js';
import { OptimisticChanges } from './optimistic-changes.js';
import type { InterviewNote, InterviewNoteReply } from './types.js';

/** Follows an interview until it is closed. */
export class NoteSession {
  readonly handler = new InterviewNoteHandler();
  readonly notes: OptimisticChanges<InterviewNote>;
  readonly replies: OptimisticChanges<InterviewNoteReply>;
  readonly live: LiveList;
  readonly #ends: Unsubscribe[];

  constructor(readonly interviewId: string) {
    const channel = channelManager.getChannel({ name: getInterviewChannelName(interviewId) });
    const where = { interview_id: interviewId };
    const place = { interview_id: interviewId };
    const subject = { where, place, channel };
    this.notes = new OptimisticChanges({
      ...subject,
      handler: this.handler,
      type: InterviewBroadcastType.INTERVIEW_NOTE,
      table: 'interview_notes',
    });
    this.replies = new OptimisticChanges({
      ...subject,
      handler: this.handler.replies,
      type: InterviewBroadcastType.INTERVIEW_NOTE_REPLY,
      table: 'interview_note_replies',
    });
    this.live = new LiveList(channel, this.handler, () => this.#load());
    this.#ends = [
      channel.on(InterviewBroadcastType.INTERVIEW_NOTE, (message) =>
        this.handler.handleMessage(message as never),
      ),
      channel.on(InterviewBroadcastType.INTERVIEW_NOTE_REPLY, (message) =>
        this.handler.handleMessage(message as never),
      ),
      this.live.follow(`interview-notes:${interviewId}`, this.handler),
      this.live.follow(`interview-replies:${interviewId}`, this.handler.replies),
    ];
  }

  /** Listens to changes of the notes, or of their status. */
  onChange(listener: () => void): Unsubscribe {
    const ends = [
      this.handler.onChange(listener),
      this.handler.replies.onChange(listener),
      this.live.onChange(listener),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  /** Ends it. */
  close(): void {
    for (const end of this.#ends) end();
    this.live.close();
  }

  async #load(): Promise<void> {
    const { data } = legacyConfig();
    const where = { interview_id: this.interviewId };
    const [notes, replies] = await Promise.all([
      data.load<InterviewNote>('interview_notes', where),
      // Older backends return the replies with the notes, and have no other endpoint.
      data.load<InterviewNoteReply>('interview_note_replies', where).then(rowsOf, () => undefined),
    ]);
    const rows = rowsOf(notes);
    this.handler.loadInitialData(
      this.interviewId,
      rows.map((note) => ({
        ...note,
        ...(replies && { replies: replies.filter(({ note_id }) => note_id === note.id) }),
      })),
    );
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
