/** The live rows of a project: its interviews, their notes, and the replies to those. */
import type { Collection, Unsubscribe } from '../../index.js';
import type { LegacyConfig } from '../index.js';
import { Listeners } from '../listeners.js';
import { JoinedMembers } from './joined-members.js';
import { liveRows } from './live-rows.js';
import { NoteList } from './note-list.js';
import type { Interview, InterviewNote, InterviewNoteReply, NoteRow } from './types.js';

/** The number of newest interviews whose notes are live by default. */
const FOLLOWED = 20;

/** What is shown of a project. */
export interface ProjectContents {
  /** The newest first. */
  readonly interviews: readonly Interview[];
  /** By interview, the newest first. */
  readonly notes: Readonly<Record<string, InterviewNote[]>>;
}

/** The notes and replies of one interview, or of all. */
interface Notes {
  notes: Collection<NoteRow>;
  replies: Collection<InterviewNoteReply>;
}

/** The channels of one interview's tables, where each has its own. */
const ALL = '';

/** Follows a project's rows until it is closed. */
export class ProjectRows {
  readonly interviews: Collection<Interview>;
  readonly #config: LegacyConfig;
  readonly #channel: string;
  readonly #notes = new Map<string, Notes>();
  readonly #lists = new Map<string, NoteList>();
  readonly #shown = new WeakMap<object, Interview>();
  readonly #joined: JoinedMembers;
  readonly #listeners = new Listeners<'change' | 'loaded'>();
  #contents: ProjectContents = { interviews: [], notes: {} };

  /** On Supabase all rows follow `channel`. */
  constructor(config: LegacyConfig, projectId: string, channel: string) {
    this.#config = config;
    this.#channel = channel;
    this.#joined = new JoinedMembers(config.auth.getSnapshot());
    this.interviews = liveRows(
      config,
      {
        table: 'interviews',
        where: { project_id: projectId },
        channel: config.supabase ? channel : `interviews:${projectId}`,
      },
      this.#loaded,
    );
    this.interviews.on('change', this.#changed);
    if (config.supabase) this.#open(ALL);
  }

  /** Called after each change, and after each load. */
  on(event: 'change' | 'loaded', listener: (error?: unknown) => void): Unsubscribe {
    this.#listeners.on(event, listener);
    return () => this.#listeners.off(event, listener);
  }

  /** What is shown now; members stay the same objects until something in them changed. */
  get contents(): ProjectContents {
    return this.#contents;
  }

  /** Every collection there is now. */
  get collections(): Collection<{ id: string } & object>[] {
    const notes = [...this.#notes.values()].flatMap((each) => [each.notes, each.replies]);
    return [this.interviews, ...notes] as never[];
  }

  /** The notes and replies of all interviews, as they are stored. */
  get children(): { notes: NoteRow[]; replies: InterviewNoteReply[] } {
    const rows = [...this.#notes.values()];
    return {
      notes: rows.flatMap(({ notes }) => notes.items),
      replies: rows.flatMap(({ replies }) => replies.items),
    };
  }

  /** Whether rows are being loaded. */
  get isLoading(): boolean {
    return this.collections.some(({ isLoading }) => isLoading);
  }

  /** Why loading failed, if it did. */
  get error(): Error | null {
    return this.collections.find(({ error }) => error)?.error ?? null;
  }

  /** The notes of an interview and their replies, live from now on. */
  follow(interviewId: string): Notes {
    return this.#open(this.#config.supabase ? ALL : interviewId);
  }

  /** Loads all rows again. */
  reload(): void {
    for (const collection of this.collections) collection.reload();
  }

  /** Gives everything back. */
  close(): void {
    for (const collection of this.collections) collection.release();
    this.#listeners.removeAllListeners();
  }

  readonly #loaded = (error?: unknown): void => {
    this.#listeners.emit('loaded', error);
  };

  readonly #changed = (): void => {
    if (!this.#config.supabase) {
      for (const { id } of this.interviews.items.slice(0, FOLLOWED)) {
        // One that is not stored yet has no notes.
        if (!this.interviews.isPending(id)) this.#open(id);
      }
    }
    this.#contents = this.#compose();
    this.#listeners.emit('change');
  };

  #open(interviewId: string): Notes {
    const known = this.#notes.get(interviewId);
    if (known) return known;
    const where: Record<string, string> = interviewId ? { interview_id: interviewId } : {};
    const channel = (kind: string): string =>
      interviewId ? `interview-${kind}:${interviewId}` : this.#channel;
    const opened: Notes = {
      notes: liveRows(
        this.#config,
        { table: 'interview_notes', where, channel: channel('notes') },
        this.#loaded,
      ),
      replies: liveRows(
        this.#config,
        { table: 'interview_note_replies', where, channel: channel('replies') },
        this.#loaded,
      ),
    };
    this.#notes.set(interviewId, opened);
    opened.notes.on('change', this.#changed);
    opened.replies.on('change', this.#changed);
    return opened;
  }

  #compose(): ProjectContents {
    const { children } = this;
    const joined = this.#joined;
    const notes = joined.authored(children.notes).filter((note) => !note.is_deleted);
    const replies = joined.authored(children.replies).filter((reply) => !reply.is_deleted);
    const known = new Set(this.interviews.items.map(({ id }) => id));
    const byInterview: Record<string, InterviewNote[]> = {};
    for (const id of new Set(notes.map(({ interview_id }) => interview_id))) {
      // Notes of an interview that was deleted go with it.
      if (!known.has(id)) continue;
      const list = this.#lists.get(id) ?? new NoteList();
      this.#lists.set(id, list);
      byInterview[id] = list.show(
        notes.filter(({ interview_id }) => interview_id === id),
        replies,
      );
    }
    const interviews = joined
      .authored(this.interviews.items)
      .map((row) => this.#interview(row, byInterview[row.id]?.length ?? 0));
    return {
      interviews: keep(this.#contents.interviews, interviews),
      notes: isSameRecord(this.#contents.notes, byInterview) ? this.#contents.notes : byInterview,
    };
  }

  /** A database has no count of notes in its rows: they are counted here. */
  #interview(row: Interview, count: number): Interview {
    const before = this.#shown.get(row);
    const noteCount = row.note_count ?? count;
    if (before?.note_count === noteCount) return before;
    const shown = { ...row, ...this.#joined.definitions(row), note_count: noteCount };
    this.#shown.set(row, shown);
    return shown;
  }
}

/** Returns the former list if the new one is equal. */
const keep = <T>(before: readonly T[], after: readonly T[]): readonly T[] =>
  before.length === after.length && after.every((each, at) => each === before[at]) ? before : after;

const isSameRecord = (a: Record<string, unknown>, b: Record<string, unknown>): boolean => {
  const keys = Object.keys(b);
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key]);
};
