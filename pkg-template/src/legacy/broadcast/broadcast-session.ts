/** The session of one project: its interviews, their notes, its presence. */
import type { Unsubscribe } from '../../index.js';
import { legacyConfig } from '../index.js';
import { channelManager } from './channel-manager.js';
import { getProjectChannelName } from './channel-names.js';
import { InterviewBroadcastType } from './envelope.js';
import { InterviewHandler } from './interview-handler.js';
import { LiveList } from './live-list.js';
import { rowsOf } from './loaded-rows.js';
import { type NoteSession, takeNoteSession } from './note-session.js';
import { OptimisticChanges } from './optimistic-changes.js';
import { ProjectPeople } from './project-people.js';
import type { Interview, InterviewNote } from './types.js';

/** The number of newest interviews whose notes are live by default. */
const FOLLOWED = 20;

/** Follows a project until it is closed. */
export class BroadcastSession {
  readonly handler = new InterviewHandler();
  readonly changes: OptimisticChanges<Interview>;
  readonly live: LiveList;
  readonly people: ProjectPeople;
  readonly #notes = new Map<string, ReturnType<typeof takeNoteSession>>();
  readonly #changed: () => void;
  readonly #ends: Unsubscribe[];
  #shown: Readonly<Record<string, InterviewNote[]>> = {};

  constructor(
    readonly projectId: string,
    changed: () => void,
  ) {
    this.#changed = changed;
    const channel = channelManager.getChannel({
      name: getProjectChannelName(projectId),
      presence: true,
    });
    this.changes = new OptimisticChanges({
      handler: this.handler,
      type: InterviewBroadcastType.INTERVIEW,
      table: 'interviews',
      where: { project_id: projectId },
      place: { project_id: projectId },
      channel,
    });
    this.people = new ProjectPeople(projectId, changed);
    this.live = new LiveList(channel, this.handler, () => this.#load());
    this.#ends = [
      channel.on(InterviewBroadcastType.INTERVIEW, (message) =>
        this.handler.handleMessage(message as never),
      ),
      this.live.follow(`interviews:${projectId}`, this.handler),
      this.live.onChange(changed),
      this.handler.onChange(() => {
        this.#followNewest();
        changed();
      }),
    ];
  }

  /** The newest first; the same list until it changed. */
  get interviews(): readonly Interview[] {
    return this.handler.of(this.projectId);
  }

  /** By interview; the same object until it changed. */
  get notes(): Readonly<Record<string, InterviewNote[]>> {
    const entries = [...this.#notes].map(
      ([id, { session }]) => [id, session.handler.getNotesForInterview(id)] as const,
    );
    const isSame =
      entries.length === Object.keys(this.#shown).length &&
      entries.every(([id, notes]) => this.#shown[id] === notes);
    if (!isSame) this.#shown = Object.fromEntries(entries);
    return this.#shown;
  }

  /** The notes of an interview, live from now on. */
  follow(interviewId: string): NoteSession {
    const known = this.#notes.get(interviewId);
    if (known) return known.session;
    const taken = takeNoteSession(interviewId);
    this.#notes.set(interviewId, taken);
    this.#ends.push(taken.session.onChange(this.#changed));
    return taken.session;
  }

  /** Loads everything again. */
  async reload(): Promise<void> {
    const notes = [...this.#notes.values()].map(({ session }) => session.live.reload());
    await Promise.all([this.live.reload(), ...notes]);
  }

  /** Ends it. */
  close(): void {
    for (const end of this.#ends) end();
    for (const { giveBack } of this.#notes.values()) giveBack();
    this.people.close();
    this.live.close();
  }

  #followNewest(): void {
    const stored = this.interviews.filter(({ id }) => !id.startsWith('temp-'));
    for (const { id } of stored.slice(0, FOLLOWED)) this.follow(id);
  }

  async #load(): Promise<void> {
    const where = { project_id: this.projectId };
    const loaded = await legacyConfig().data.load<Interview>('interviews', where);
    this.handler.load(this.projectId, rowsOf(loaded));
  }
}
