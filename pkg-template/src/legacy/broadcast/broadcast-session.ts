/** The session of one project: its interviews, their notes, its presence. */
import type { Unsubscribe } from '../../index.js';
import { sameOr } from '../view-store.js';
import { channelManager } from './channel-manager.js';
import { getProjectChannelName, InterviewBroadcastType } from './envelope.js';
import { ListHandler } from './list-handler.js';
import { type ManagedChannel, type SessionStatus, statusOf } from './managed-channel.js';
import { NoteSession } from './note-session.js';
import { ProjectPeople } from './project-people.js';
import { RowTable } from './row-table.js';
import type { Interview, InterviewNote } from './types.js';

/** The number of newest interviews whose notes are live by default. */
const FOLLOWED = 20;

export class BroadcastSession {
  readonly rows: RowTable<Interview>;
  readonly people: ProjectPeople;
  readonly #handler = new ListHandler<Interview>('project_id');
  readonly #channel: ManagedChannel;
  readonly #notes = new Map<string, NoteSession>();
  readonly #changed: () => void;
  readonly #ends: Unsubscribe[];
  #shown: Readonly<Record<string, InterviewNote[]>> = {};

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
    this.people = new ProjectPeople(this.#channel, changed);
    this.#ends = [this.#channel.onChange(changed), handler.onChange(() => this.#followNewest())];
    void this.#channel.subscribe();
  }

  get status(): SessionStatus {
    return statusOf(this.#channel, [this.rows.rows]);
  }

  /** The newest first; the same list until it changed. */
  get interviews(): Interview[] {
    return this.#handler.of(this.projectId);
  }

  /** By interview; the same object until it changed. */
  get notes(): Readonly<Record<string, InterviewNote[]>> {
    const entries = [...this.#notes].map(([id, session]) => [id, session.getSnapshot().notes]);
    this.#shown = sameOr(this.#shown, Object.fromEntries(entries));
    return this.#shown;
  }

  /** The notes of an interview are live from now on. */
  follow(interviewId: string): void {
    if (this.#notes.has(interviewId)) return;
    const session = NoteSession.of(interviewId);
    this.#notes.set(interviewId, session);
    this.#ends.push(session.subscribe(this.#changed));
  }

  track(interviewId: string): void {
    this.people.track(interviewId);
  }

  untrack(): void {
    this.people.untrack();
  }

  async reload(): Promise<void> {
    const notes = [...this.#notes.values()].map((session) => session.reload());
    await Promise.all([this.rows.reload(), ...notes]);
  }

  close(): void {
    for (const end of this.#ends) end();
    this.people.close();
    this.rows.close();
    void this.#channel.unsubscribe();
  }

  #followNewest(): void {
    const stored = this.interviews.filter(({ id }) => !id.startsWith('temp-'));
    for (const { id } of stored.slice(0, FOLLOWED)) this.follow(id);
  }
}
