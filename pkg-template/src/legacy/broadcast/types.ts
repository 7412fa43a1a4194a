/** The types of rows, where they differ from those of `tidewire/legacy/interviews`. */
import type {
  Interview as AnyInterview,
  InterviewNote as AnyNote,
  InterviewNoteReply as AnyReply,
} from '../interviews/types.js';

interface Keyed {
  /** The id before the server assigned one. It is kept, as a key for lists. */
  tempId?: string;
}

export type Interview = AnyInterview & Keyed;

export type InterviewNoteReply = AnyReply & Keyed;

/** A note on some sentences of an interview. */
export interface InterviewNote extends Omit<AnyNote, 'replies'>, Keyed {
  /** The replies, oldest first. */
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
