/** The entities, where they differ from those of the other system. */
import type {
  Interview as AnyInterview,
  InterviewNote as AnyNote,
  InterviewNoteReply as AnyReply,
} from '../interviews/types.js';

/** An interview. */
export interface Interview extends AnyInterview {
  /** The id it had before the server made one; stays, as a key for lists. */
  tempId?: string;
}

/** An answer to a note. */
export interface InterviewNoteReply extends AnyReply {
  /** The id it had before the server made one; stays, as a key for lists. */
  tempId?: string;
}

/** A note on some sentences of an interview. */
export interface InterviewNote extends Omit<AnyNote, 'replies'> {
  /** The id it had before the server made one; stays, as a key for lists. */
  tempId?: string;
  /** The answers, oldest first. */
  replies?: InterviewNoteReply[];
}

/** Somebody who looks at an interview. */
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
