/** The live rows of a project: its interviews, their notes, and the replies to the notes. */
import type { Collection } from '../../index.js';
import type { LegacyConfig } from '../index.js';
import { liveRows } from '../live-rows.js';
import { newestFirst } from '../row-changes.js';
import { LIVE_NOTES_OF } from '../session-store.js';
import { isSameView, sameOr } from '../view-store.js';
import { JoinedMembers } from './joined-members.js';
import type { Interview, InterviewNote, InterviewNoteReply } from './types.js';

export interface ProjectContents {
  /** The interviews, newest first. */
  readonly interviews: Interview[];
  /** The notes by interview, newest first. */
  readonly notes: Readonly<Record<string, InterviewNote[]>>;
}

/** A note as it is stored. */
type NoteRow = Omit<InterviewNote, 'replies'>;

/** The notes and replies of one interview, or of all. */
interface Notes {
  notes: Collection<NoteRow>;
  replies: Collection<InterviewNoteReply>;
}

const oldestFirst = (a: InterviewNoteReply, b: InterviewNoteReply): number => newestFirst(b, a);

/** The key of the notes of all interviews, where one collection contains them. */
const ALL = '';

export class ProjectRows {
  readonly interviews: Collection<Interview>;
  readonly #config: LegacyConfig;
  readonly #channel: string;
  #phase: 'open' | 'closed' = 'open';
  readonly #notes = new Map<string, Notes>();
  readonly #shown = new WeakMap<object, Interview>();
  readonly #shownNotes = new WeakMap<object, InterviewNote>();
  readonly #joined: JoinedMembers;
  #contents: ProjectContents = { interviews: [], notes: {} };

  /**
   * On Supabase the changes of all rows are received on `channel`.
   *
   * @param changed called after each change
   * @param loaded called after each load, with the error if it failed
   */
  constructor(
    config: LegacyConfig,
    projectId: string,
    channel: string,
    private readonly changed: () => void,
    private readonly loaded: (error?: unknown) => void = () => {},
  ) {
    this.#config = config;
    this.#channel = channel;
    this.#joined = new JoinedMembers(config.auth.getSnapshot());
    this.interviews = this.#rows<Interview>(
      'interviews',
      { project_id: projectId },
      `interviews:${projectId}`,
    );
    if (config.supabase) this.#open(ALL);
  }

  /** The current state; its members stay the same objects until something in them changes. */
  get contents(): ProjectContents {
    return this.#contents;
  }

  /** All open collections. */
  get collections(): Collection<{ id: string } & object>[] {
    const notes = [...this.#notes.values()].flatMap((each) => [each.notes, each.replies]);
    return [this.interviews, ...notes] as never[];
  }

  /** The notes and replies of all interviews, as stored. */
  get children(): { notes: NoteRow[]; replies: InterviewNoteReply[] } {
    const rows = [...this.#notes.values()];
    return {
      notes: rows.flatMap(({ notes }) => notes.items),
      replies: rows.flatMap(({ replies }) => replies.items),
    };
  }

  get isLoading(): boolean {
    return this.collections.some(({ isLoading }) => isLoading);
  }

  get error(): Error | null {
    return this.collections.find(({ error }) => error)?.error ?? null;
  }

  /** Starts live updates of the notes of an interview and their replies, and returns them. */
  follow(interviewId: string): Notes {
    return this.#open(this.#config.supabase ? ALL : interviewId);
  }

  reload(): void {
    for (const collection of this.collections) collection.reload();
  }

  close(): void {
    this.#phase = 'closed';
    for (const collection of this.collections) collection.release();
  }

  readonly #changed = (): void => {
    if (!this.#config.supabase) {
      for (const { id } of this.interviews.items.slice(0, LIVE_NOTES_OF)) {
        // An interview that is not stored yet has no notes.
        if (!this.interviews.isPending(id)) this.#open(id);
      }
    }
    this.#contents = this.#compose();
    this.changed();
  };

  #open(interviewId: string): Notes {
    const known = this.#notes.get(interviewId);
    if (known) return known;
    const where: Record<string, string> = interviewId ? { interview_id: interviewId } : {};
    const opened: Notes = {
      notes: this.#rows('interview_notes', where, `interview-notes:${interviewId}`),
      replies: this.#rows('interview_note_replies', where, `interview-replies:${interviewId}`),
    };
    this.#notes.set(interviewId, opened);
    return opened;
  }

  /** Opens the rows of a table. Their changes are received from the table on Supabase, elsewhere on the channel `own`. */
  #rows<T extends { id: string }>(
    table: string,
    where: Record<string, string>,
    own: string,
  ): Collection<T> {
    const [filter] = Object.entries(where).map(([column, value]) => `${column}=eq.${value}`);
    const changes = [{ table, schema: 'public', ...(filter && { filter }) }];
    const { supabase } = this.#config;
    const rows = liveRows<T>(this.#config, {
      table,
      where,
      channel: supabase ? this.#channel : own,
      join: supabase && { postgresChanges: changes },
      load: async (load) => {
        try {
          const loaded = await load();
          this.#loadEnded();
          return loaded;
        } catch (error) {
          this.#loadEnded(error);
          throw error;
        }
      },
    });
    rows.on('change', this.#changed);
    return rows;
  }

  #loadEnded(error?: unknown): void {
    if (this.#phase === 'open') this.loaded(error);
  }

  #compose(): ProjectContents {
    const { children } = this;
    const joined = this.#joined;
    const notes = joined.authored(children.notes).filter((note) => !note.is_deleted);
    const replies = joined.authored(children.replies).filter((reply) => !reply.is_deleted);
    const known = new Set(this.interviews.items.map(({ id }) => id));
    const byInterview: Record<string, InterviewNote[]> = {};
    for (const id of new Set(notes.map(({ interview_id }) => interview_id))) {
      // The notes of a deleted interview are removed too.
      if (!known.has(id)) continue;
      const own = notes.filter(({ interview_id }) => interview_id === id);
      const list = own.map((row) => this.#note(row, replies));
      byInterview[id] = sameOr(this.#contents.notes[id], list);
    }
    const interviews = joined
      .authored(this.interviews.items)
      .map((row) => this.#interview(row, byInterview[row.id]?.length ?? 0));
    return {
      interviews: sameOr(this.#contents.interviews, interviews),
      notes: sameOr(this.#contents.notes, byInterview),
    };
  }

  /** Returns a note with its replies; the same object until something in it changes. */
  #note(row: NoteRow, all: readonly InterviewNoteReply[]): InterviewNote {
    const replies = all.filter(({ note_id }) => note_id === row.id).sort(oldestFirst);
    const before = this.#shownNotes.get(row);
    if (before && isSameView(before.replies, replies)) return before;
    const note: InterviewNote = { ...row, replies };
    this.#shownNotes.set(row, note);
    return note;
  }

  /** Returns an interview with its number of notes, which database rows do not contain. */
  #interview(row: Interview, count: number): Interview {
    const before = this.#shown.get(row);
    const noteCount = row.note_count ?? count;
    if (before?.note_count === noteCount) return before;
    const shown = { ...row, ...this.#joined.definitions(row), note_count: noteCount };
    this.#shown.set(row, shown);
    return shown;
  }
}
