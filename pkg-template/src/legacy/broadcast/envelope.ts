/** The envelope of messages, unchanged from the legacy system. */

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
  /** The time, in milliseconds since 1970. */
  timestamp: number;
  version?: number;
  clientId?: string;
  [extra: string]: unknown;
}

/** A message: the payload of a broadcast whose event is the message's `type`. */
export interface BroadcastMessage<T = unknown> {
  /** A UUID of version 4, unique to the message. */
  id: string;
  type: string;
  action: BroadcastAction | `${BroadcastAction}`;
  payload: T;
  metadata: BroadcastMetadata;
}
/**
 * Returns the name of a project's channel.
 *
 * @deprecated Use any name: channels of `tidewire` have no naming scheme.
 */
export const getProjectChannelName = (projectId: string): string => `project:${projectId}`;

/**
 * Returns the name of an interview's channel.
 *
 * @deprecated Use any name: channels of `tidewire` have no naming scheme.
 */
export const getInterviewChannelName = (interviewId: string): string => `interview:${interviewId}`;

/** Returns a UUID of version 4. `crypto.randomUUID` exists only on pages served over https. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

type Extra = Partial<BroadcastMetadata>;

/**
 * Creates envelopes.
 *
 * @deprecated Use `channel.send(event, payload)` of `tidewire`, which has ids and acknowledgements of its own.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: the legacy name and shape.
export class MessageFactory {
  /** Creates an envelope with a new id and the current time. */
  static create<T>(
    type: string,
    action: BroadcastMessage['action'],
    payload: T,
    userId: string,
    extraMetadata?: Extra,
  ): BroadcastMessage<T> {
    const metadata = { ...extraMetadata, userId, timestamp: Date.now() };
    return { id: uuid(), type, action, payload, metadata };
  }

  static createAction<T>(type: string, payload: T, userId: string, metadata?: Extra) {
    return MessageFactory.create(type, BroadcastAction.CREATE, payload, userId, metadata);
  }

  static updateAction<T>(type: string, payload: T, userId: string, metadata?: Extra) {
    return MessageFactory.create(type, BroadcastAction.UPDATE, payload, userId, metadata);
  }

  static deleteAction<T>(type: string, payload: T, userId: string, metadata?: Extra) {
    return MessageFactory.create(type, BroadcastAction.DELETE, payload, userId, metadata);
  }

  static syncAction<T>(type: string, payload: T, userId: string, metadata?: Extra) {
    return MessageFactory.create(type, BroadcastAction.SYNC, payload, userId, metadata);
  }

  static presenceAction<T>(type: string, payload: T, userId: string, metadata?: Extra) {
    return MessageFactory.create(type, BroadcastAction.PRESENCE, payload, userId, metadata);
  }
}
