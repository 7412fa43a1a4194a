/** Interviews of a project, with notes and replies to them. */
import type { Mutation } from '../index.js';
import { defineService } from './define.js';
import { channel, type Id, rows } from './definition.js';
import type { Person, Profile } from './people.js';
import {
  type Changeable,
  newestFirst,
  oldestFirst,
  type StoredRow,
  storedId,
} from './stored-row.js';

/** The status of processing an interview. */
export type InterviewStatus = 'pending' | 'processing' | 'completed' | 'failed';

/** A part of the cleaned transcript. */
export interface ScriptItem {
  /** The numbers of the original sentences. */
  id: number[];
  /** The speaker's role. */
  speaker: 'question' | 'answer';
  /** The topic. */
  category: 'painpoint' | 'needs' | null;
  /** The cleaned sentence. */
  cleaned_sentence: string;
}

/** An interview. */
export interface Interview extends StoredRow {
  project_id: string;
  title: string;
  company_id?: string;
  summary?: string | null;
  status: InterviewStatus;
  /** The day, in ISO 8601. */
  interview_date?: string | null;
  /** Maintained by the server. */
  note_count?: number;
  /** The transcript. */
  raw_text?: string | null;
  cleaned_script?: ScriptItem[] | null;
}

/** A note on parts of an interview. */
export interface Note extends StoredRow {
  interview_id: string;
  /** The parts it refers to. */
  script_item_ids: string[];
  /** 1 to 2,000 characters. */
  content: string;
  company_id?: string;
  created_by_profile?: Profile | null;
  /** Whether it is marked as deleted. */
  is_deleted?: boolean;
}

/** A reply to a note. */
export interface Reply extends StoredRow {
  interview_id: string;
  note_id: string;
  content: string;
  company_id?: string;
  created_by_profile?: Profile | null;
  /** Whether it is marked as deleted. */
  is_deleted?: boolean;
}

/** The service of interviews, notes and replies, and of the presence in interviews and projects. */
export const interviews = defineService({
  rows: {
    /** The interviews of a project, newest first. */
    interviews: rows<Interview>()({
      channel: (project: Id) => `interviews:${project}`,
      path: (project: Id) => `/projects/${project}/interviews`,
      table: 'interviews',
      filter: (project: Id) => ({ project_id: project }),
      order: 'created_at',
      sort: newestFirst,
      version: 'version',
      conflict: 'merge',
    }),
    /** The notes on an interview, oldest first. */
    notes: rows<Note>()({
      channel: (interview: Id) => `interview-notes:${interview}`,
      path: (interview: Id) => `/interviews/${interview}/notes`,
      table: 'interview_notes',
      filter: (interview: Id) => ({ interview_id: interview }),
      order: 'created_at',
      sort: oldestFirst,
      version: 'version',
      conflict: 'merge',
    }),
    /** The replies to all notes on an interview, oldest first. */
    replies: rows<Reply>()({
      channel: (interview: Id) => `interview-replies:${interview}`,
      path: (interview: Id) => `/interviews/${interview}/replies`,
      table: 'interview_note_replies',
      filter: (interview: Id) => ({ interview_id: interview }),
      order: 'created_at',
      sort: oldestFirst,
      version: 'version',
      conflict: 'merge',
    }),
  },
  channels: {
    /** Presence and typing in an interview. */
    interview: channel<Record<string, unknown>, Person>()(
      (interview: Id) => `interview:${interview}`,
    ),
    /** Presence in a project. */
    project: channel<Record<string, unknown>, Person>()((project: Id) => `project:${project}`),
  },
});

/** A note with its replies. */
export interface NoteThread extends Note {
  /** The replies, oldest first. */
  replies: Reply[];
}

/** Returns the notes with their replies, in the order of the notes; without those that are marked as deleted. */
export function notesWithReplies(
  notes: readonly Note[],
  replies: readonly Reply[],
): readonly NoteThread[] {
  const threads = new Map<string, NoteThread>();
  for (const note of notes) {
    if (!note.is_deleted) threads.set(note.id, { ...note, replies: [] });
  }
  for (const reply of replies) {
    if (!reply.is_deleted) threads.get(reply.note_id)?.replies.push(reply);
  }
  return [...threads.values()];
}

/** Returns the notes on one part of an interview. */
export const notesOn = <N extends Note>(notes: readonly N[], scriptItem: string): readonly N[] =>
  notes.filter(({ script_item_ids }) => script_item_ids.includes(scriptItem));

/** Adds a note. */
export const addNote = (
  notes: Changeable<Note>,
  interview: Id,
  note: Pick<Note, 'content'> & Partial<Note>,
): Mutation<Note> => notes.insert({ script_item_ids: [], ...note, interview_id: `${interview}` });

/**
 * Replies to a note.
 *
 * @throws RealtimeError `invalid_argument` while the note is not stored
 */
export const replyToNote = (
  replies: Changeable<Reply>,
  note: Note,
  content: string,
): Mutation<Reply> =>
  replies.insert({
    interview_id: note.interview_id,
    note_id: storedId(note, 'note'),
    content,
  });

/** Sets the status of an interview. */
export const setInterviewStatus = (
  rows: Changeable<Interview>,
  id: string,
  status: InterviewStatus,
): Mutation<Interview> => rows.update(id, { status });
