/** The entities, where they differ from those of the other system. */
import type {
  Interview as AnyInterview,
  InterviewNote as AnyNote,
  InterviewNoteReply as AnyReply,
} from '../interviews/types.js';

interface Keyed {
  /** The id it had before the server made one; stays, as a key for lists. */
  tempId?: string;
}

export type Interview = AnyInterview & Keyed;

export type InterviewNoteReply = AnyReply & Keyed;

/** A note on some sentences of an interview. */
export interface InterviewNote extends Omit<AnyNote, 'replies'>, Keyed {
  /** The answers, oldest first. */
  replies?: InterviewNoteReply[];
}

export interface PresenceUser {
  userId: string;
  userName?: string | undefined;
  email?: string | undefined;
  avatarUrl?: string | null | undefined;
  interviewId: string;
  cursorPosition?: { noteId?: string; position?: number } | undefined;
  isTyping?: boolean | undefined;
  /** In ISO 8601. */
  lastActiveAt: string;
}
