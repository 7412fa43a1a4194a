/** The types of interviews and their notes that both legacy systems share. */
import type { ScriptItem } from '../../services/index.js';

export type { ScriptItem };

export interface Finding {
  description: string;
  evidence: unknown;
}

/** A persona that can be assigned to an interview. */
export interface PersonaDefinition {
  id: string;
  name_ko?: string;
  name_en?: string;
  description?: string;
  tags?: string[];
}

export interface CreatorProfile {
  id: string;
  name: string | null;
  avatar_url?: string | null;
}

export interface Interview {
  id: string;
  company_id?: string;
  project_id: string;
  title?: string | null;
  summary?: string | null;
  status: 'pending' | 'processing' | 'completed' | 'failed';
  raw_text?: string | null;
  cleaned_script?: ScriptItem[] | null;
  metadata?: { total_sentences?: number; categories_count?: unknown; speakers?: unknown } | null;
  interview_date?: string | null;
  persona_id?: string | null;
  created_by?: string | null;
  created_at?: string;
  updated_at?: string;
  session_info?: unknown;
  interviewee_profile?: unknown;
  interview_quality_assessment?: unknown;
  key_takeaways?: unknown;
  primary_pain_points?: Finding[] | null;
  primary_needs?: Finding[] | null;
  hmw_questions?: unknown;
  script_sections?: unknown;
  ai_persona_match?: unknown;
  ai_persona_explanation?: unknown;
  ai_persona_definition?: PersonaDefinition | null;
  confirmed_persona_definition?: PersonaDefinition | null;
  confirmed_persona_definition_id?: string | null;
  created_by_profile?: CreatorProfile | null;
  note_count: number;
  /** The number of its changes, where the server counts them. */
  version?: number;
}

interface Written {
  id: string;
  content: string;
  created_by?: string;
  company_id?: string;
  created_at?: string;
  updated_at?: string;
  is_deleted?: boolean;
  created_by_profile?: CreatorProfile | null;
}

/** A reply to a note. */
export interface InterviewNoteReply extends Written {
  note_id: string;
  interview_id?: string;
}

/** A note on some sentences of an interview. */
export interface InterviewNote extends Written {
  interview_id: string;
  script_item_ids: string[];
  /** The replies that are not deleted, oldest first. */
  replies: InterviewNoteReply[];
}

export interface PresenceUser {
  userId: string;
  userName?: string | undefined;
  email?: string | undefined;
  interviewId?: string | undefined;
  /** When the user began to view the interview. */
  onlineAt: Date;
  metadata?: Record<string, unknown> | undefined;
}

/** The measured quality of the connection. */
export interface ConnectionQuality {
  /** When a message of the server was last received, in milliseconds since 1970; 0 before. */
  lastSuccessfulPing: number;
  /** The number of connections that were closed because a ping was not answered. */
  failedPings: number;
  /** The median round trip in milliseconds; 0 before the first. */
  averageLatency: number;
  /** Whether the connection is open and its quality is good. */
  isStable: boolean;
}

export type ConnectionState = 'disconnected' | 'connecting' | 'connected' | 'error';
