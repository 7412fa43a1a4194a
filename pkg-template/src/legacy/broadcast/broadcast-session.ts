/** The session of one project: its interviews, their notes and its presence. */
import type { Channel, Meta, Unsubscribe } from '../../index.js';
import { legacyConfig } from '../index.js';
import { byInterview, metasOf, watchPresence } from '../presence.js';
import { LIVE_NOTES_OF, type ProjectKey } from '../session-store.js';
import { sameOr } from '../view-store.js';
import { channelManager } from './channel-manager.js';
import { getProjectChannelName, InterviewBroadcastType } from './envelope.js';
import { ListHandler } from './list-handler.js';
import { type ManagedChannel, type SessionStatus, statusOf } from './managed-channel.js';
import { NoteSession } from './note-session.js';
import { RowTable } from './row-table.js';
import type { Interview, InterviewNote, PresenceUser } from './types.js';

type PresenceByInterview = Readonly<Record<string, PresenceUser[]>>;

/** Returns the users from presence metas; metas of other kinds are ignored. */
const usersOf = (metas: readonly Meta[]): PresenceUser[] =>
  metas.map(({ presence_ref, ...user }) => user as unknown as PresenceUser);

/** The state for components; the same object until something in it changes. */
export interface BroadcastView extends SessionStatus {
  /** The interviews, newest first. */
  readonly interviews: Interview[];
  /** The notes by interview, newest first. */
  readonly notes: Readonly<Record<string, InterviewNote[]>>;
  /** The users who view an interview, by interview. */
  readonly presence: PresenceByInterview;
}

export class BroadcastSession {
  readonly rows: RowTable<Interview>;
  readonly #handler = new ListHandler<Interview>('project_id');
  readonly #channel: ManagedChannel;
  readonly #handle: Channel;
  readonly #notes = new Map<string, NoteSession>();
  readonly #changed: () => void;
  readonly #ends: Unsubscribe[];
  #shownNotes: Readonly<Record<string, InterviewNote[]>> = {};
  #presence: PresenceByInterview = {};

  constructor(
    readonly projectId: string,
    changed: () => void,
  ) {
    const handler = this.#handler;
    const name = getProjectChannelName(projectId);
    this.#channel = channelManager.getChannel({ name, presence: true });
    this.#changed = changed;
    this.rows = new RowTable(
      {
        handler,
        type: InterviewBroadcastType.INTERVIEW,
        table: 'interviews',
        where: { project_id: projectId },
        channel: this.#channel,
        rowChannel: `interviews:${projectId}`,
        loaded: (interviews) => handler.replace(projectId, interviews),
      },
      changed,
    );
    this.#handle = legacyConfig().client.channel(name, this.#channel.joinOptions());
    watchPresence(this.#handle, () => {
      this.#presence = byInterview(usersOf(metasOf(this.#handle)), this.#presence);
      changed();
    });
    this.#ends = [this.#channel.onChange(changed), handler.onChange(() => this.#followNewest())];
    void this.#channel.subscribe();
  }

  get view(): BroadcastView {
    const notes = [...this.#notes].map(([id, session]) => [id, session.getSnapshot().notes]);
    this.#shownNotes = sameOr(this.#shownNotes, Object.fromEntries(notes));
    return {
      interviews: this.#handler.of(this.projectId),
      notes: this.#shownNotes,
      presence: this.#presence,
      ...statusOf(this.#channel, [this.rows.rows]),
    };
  }

  isFor({ projectId }: ProjectKey): boolean {
    return projectId === this.projectId;
  }

  /** Starts live updates of an interview's notes. */
  follow(interviewId: string): void {
    if (this.#notes.has(interviewId)) return;
    const session = NoteSession.of(interviewId);
    this.#notes.set(interviewId, session);
    this.#ends.push(session.subscribe(this.#changed));
  }

  /** Tracks the signed-in user on an interview; sent again after every reconnect. */
  track(interviewId: string): void {
    const { user, profile } = legacyConfig().auth.getSnapshot() ?? {};
    if (!user) return;
    const me: PresenceUser = {
      userId: user.id,
      userName: profile?.name ?? undefined,
      email: user.email,
      avatarUrl: profile?.avatar_url,
      interviewId,
      lastActiveAt: new Date().toISOString(),
    };
    this.#handle.presence.track(me);
  }

  untrack(): void {
    this.#handle.presence.untrack();
  }

  async reload(): Promise<void> {
    const notes = [...this.#notes.values()].map((session) => session.reload());
    await Promise.all([this.rows.reload(), ...notes]);
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#handle.release();
    this.rows.close();
    void this.#channel.unsubscribe();
  }

  #followNewest(): void {
    const interviews = this.#handler.of(this.projectId);
    const stored = interviews.filter(({ id }) => !id.startsWith('temp-'));
    for (const { id } of stored.slice(0, LIVE_NOTES_OF)) this.follow(id);
  }
}
