/** The public types of sends. */
import type { SentStatus } from './generated/types.js';

/** Options of a send. */
export interface SendOptions {
  /**
   * Request an acknowledgement, where the server can send one. Default `true`; with Phoenix `false`, since many
   * servers do not reply; with Supabase the channel's `broadcast.ack`.
   */
  ack?: boolean;
  /**
   * The event's name, where messages have one: with the `envelope` feature, with Phoenix and Supabase.
   * Default: none; with these two `'message'`.
   */
  event?: string;
  /**
   * Time from the call until it is settled, whatever it waits for: then it fails with `ack_timeout` if it was
   * written to a socket, else with the channel's error or `expired`. Default: none; the client's `ackTimeoutMs` limits
   * the waits for the channel and for the acknowledgement while there is a connection.
   */
  timeoutMs?: number;
  /** Fail with `expired` if it is still queued after this time. Default: the client's `queue.ttlMs`. */
  ttlMs?: number;
  /** Never queue or repeat it: for typing, cursors and the like. Default `false`. */
  ephemeral?: boolean;
  /** Aborts the send: it fails with `aborted`. */
  signal?: AbortSignal;
}

export type { SentStatus };

/** The acknowledgement of a message. */
export interface Ack {
  /** Whether the server acknowledged it; `false`: it has no acks, and the message was written to an open socket. */
  confirmed: boolean;
  /** The message's position in its channel. */
  seq?: number;
  /** The content of the server's reply: with Phoenix its `response`. */
  payload?: unknown;
}

/** A message that was passed to `send`. */
export interface Sent {
  /** Its id on the wire. */
  readonly id: string;
  /** Its status: `queued` at least until the end of the task, in which all messages of a task are sent together. */
  readonly status: SentStatus;
  /** Settled once: with the acknowledgement, or the error. It may be left unhandled. */
  readonly acked: Promise<Ack>;
}
