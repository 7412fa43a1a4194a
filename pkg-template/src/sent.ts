/** What the app sees of a message on its way out. */

/** How a message is sent. */
export interface SendOptions {
  /**
   * Ask the server to acknowledge, where it can. Default `true`; with Phoenix `false`, since many servers
   * answer nothing; with Supabase the channel's `broadcast.ack`.
   */
  ack?: boolean;
  /**
   * The event's name, where messages have one: with the `envelope` feature, with Phoenix and Supabase.
   * Default: none; with these two `'message'`.
   */
  event?: string;
  /**
   * Time from the call until it is settled, whatever it waits for: then it fails with `ack_timeout` if a socket had
   * it, else with the channel's error or `expired`. Default: none; the client's `ackTimeoutMs` bounds the waits
   * for the channel and for the acknowledgement while there is a connection.
   */
  timeoutMs?: number;
  /** Fail with `expired` if it still waits after this time. Default: the client's `queue.ttlMs`. */
  ttlMs?: number;
  /** Never queue or repeat it: for typing, cursors and the like. Default `false`. */
  ephemeral?: boolean;
  /** Gives the message up: it fails with `aborted`. */
  signal?: AbortSignal;
}

/** How far a message has come. */
export type SentStatus = 'queued' | 'sent' | 'acked' | 'failed';

/** The server's word on a message. */
export interface Ack {
  /** Whether the server said so; `false`: it has no acks, and the message was handed to an open socket. */
  confirmed: boolean;
  /** The message's position in its channel. */
  seq?: number;
  /** What the server answered: with Phoenix the reply's response. */
  payload?: unknown;
}

/** A message that was given to the client. */
export interface Sent {
  /** Its id on the wire. */
  readonly id: string;
  /** How far it has come. */
  readonly status: SentStatus;
  /** Settled once: with the server's word, or the reason why not. Nobody needs to observe it. */
  readonly acked: Promise<Ack>;
}
