/** The server's side of a protocol: used by the fake socket in the page and by the real server in Node. */

/** A message that a client sent to a channel. */
export interface Publication {
  channel: string;
  payload: unknown;
  /** The client's own id of it, where the protocol has one. */
  id?: string;
}

/** The results of a frame of a client. */
export interface Reaction {
  /** Frames for that client, in order. */
  replies: string[];
  /** Channels that the client is a member of from now on. */
  joined: string[];
  /** Messages for the members of their channels. */
  published: Publication[];
}

/** One connection, from the server's side. */
export interface Session {
  /** The frames that a server sends when the socket is open. */
  readonly greeting: readonly string[];
  /** Processes a frame of the client. */
  react(frame: string | Uint8Array): Reaction;
}

/** A protocol from the server's side, with the state that all connections share. */
export interface Dialect {
  /** Opens a connection. */
  connect(): Session;
  /** A new message of a channel as a frame; no two frames are the same message. */
  message(channel: string, payload: unknown, id?: string): string;
}

/** A dialect whose server keeps the presence of channels. */
export interface PresenceDialect extends Dialect {
  /** The full state of a channel, by key. */
  presenceState(channel: string, metas: ReadonlyMap<string, object>): string;
  /** A change of it: who left and who joined. */
  presenceDiff(
    channel: string,
    joins: Record<string, object>,
    leaves: Record<string, object>,
  ): string;
}

/** A dialect whose messages can be changes of rows. */
export interface RowDialect extends Dialect {
  /** An update of a row. */
  rowChange(channel: string, row: object): string;
}

/** A reaction with some of its parts. */
export const reaction = (parts: Partial<Reaction> = {}): Reaction => ({
  replies: [],
  joined: [],
  published: [],
  ...parts,
});

/** The text of a frame that must be text. */
export function textOf(frame: string | Uint8Array): string {
  return typeof frame === 'string' ? frame : new TextDecoder().decode(frame);
}
