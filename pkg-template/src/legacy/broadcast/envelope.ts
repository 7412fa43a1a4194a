/** The envelope of messages, unchanged from the older system. */

export enum BroadcastAction {
  CREATE = 'create',
  UPDATE = 'update',
  DELETE = 'delete',
  SYNC = 'sync',
  PRESENCE = 'presence',
}

export enum InterviewBroadcastType {
  INTERVIEW = 'interview',
  INTERVIEW_NOTE = 'interview_note',
  INTERVIEW_NOTE_REPLY = 'interview_note_reply',
  INTERVIEW_PRESENCE = 'interview_presence',
}

export interface BroadcastMetadata {
  userId: string;
  /** When, in milliseconds since 1970. */
  timestamp: number;
  version?: number;
  clientId?: string;
  [extra: string]: unknown;
}

/** One message: the payload of a broadcast whose event is its `type`. */
export interface BroadcastMessage<T = unknown> {
  /** A UUID of version 4, unique to the message. */
  id: string;
  type: string;
  action: BroadcastAction | `${BroadcastAction}`;
  payload: T;
  metadata: BroadcastMetadata;
}
/** @deprecated The name is free: any text names a channel of `tidewire`. The channel of a project. */
export const getProjectChannelName = (projectId: string): string => `project:${projectId}`;

/** @deprecated The name is free: any text names a channel of `tidewire`. The channel of an interview. */
export const getInterviewChannelName = (interviewId: string): string => `interview:${interviewId}`;
