/** The types of a channel in realtime-js's shape. */
import type { PostgresChange, PostgresFilter } from '../index.js';

/** The status that `subscribe` reports. */
export type SubscribeStatus = 'SUBSCRIBED' | 'TIMED_OUT' | 'CLOSED' | 'CHANNEL_ERROR';

/** The outcome of a send, of presence or of leaving. */
export type SendStatus = 'ok' | 'timed out' | 'error';

/** Options of a channel. */
export interface SupabaseChannelOptions {
  config?: {
    /** `self`: own broadcasts are received; `ack`: `send` waits for the acknowledgement. */
    broadcast?: {
      self?: boolean;
      ack?: boolean;
      replay?: { since: number; limit?: number };
      replication_ready?: boolean;
    };
    /** `key`: this client's presence key; `enabled`: even without listeners. */
    presence?: { key?: string; enabled?: boolean };
    /** Whether the database's policies authorize the channel. */
    private?: boolean;
    /** `wait`: `SUBSCRIBED` only once the server has confirmed the database changes. */
    postgres_changes_options?: { wait?: boolean };
  };
}

/** A broadcast message. */
export interface BroadcastMessage<T = unknown> {
  type: 'broadcast';
  event: string;
  payload: T;
  /** Of a message that the database stored. */
  meta?: { id: string; replayed?: boolean };
}

/** A message of the server about the channel. */
export interface SystemMessage {
  extension: string;
  status: string;
  message: string;
  channel: string;
}

/** A presence meta, with a reference that is unique among those of one key. */
export type PresentOne<T extends object = {}> = T & { presence_ref: string };

/** The presence metas by key. */
export type PresenceState<T extends object = {}> = Record<string, PresentOne<T>[]>;

/** A member joined, or changed. */
export interface PresenceJoin<T extends object = {}> {
  event: 'join';
  key: string;
  /** The metas of that key before. */
  currentPresences: PresentOne<T>[];
  newPresences: PresentOne<T>[];
}

/** A member left, or changed. */
export interface PresenceLeave<T extends object = {}> {
  event: 'leave';
  key: string;
  /** The remaining metas of that key. */
  currentPresences: PresentOne<T>[];
  leftPresences: PresentOne<T>[];
}

/** A message to send. */
export interface ChannelMessage {
  type: 'broadcast' | 'presence';
  /** The event's name; of presence `track` or `untrack`. */
  event: string;
  payload?: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: realtime-js's default, which existing code relies on.
type Any = Record<string, any>;

type ChangeOf<Row extends object, Event> = Extract<
  PostgresChange<Row>,
  { eventType: Event extends '*' | undefined ? string : Event }
>;

/** A channel with realtime-js's methods. */
export interface SupabaseChannel {
  /** The name in the protocol: `realtime:` and the channel's name. */
  readonly topic: string;
  /** The channel's name. */
  readonly subTopic: string;
  /** Its state. */
  readonly state: 'closed' | 'errored' | 'joined' | 'joining';
  /** Listens to the broadcasts of one event, or with `'*'` to all. */
  on<T = Any>(
    type: 'broadcast',
    filter: { event: string },
    callback: (message: BroadcastMessage<T>) => void,
  ): SupabaseChannel;
  /** Listens to presence. */
  on(type: 'presence', filter: { event: 'sync' }, callback: () => void): SupabaseChannel;
  on<T extends object = Any>(
    type: 'presence',
    filter: { event: 'join' },
    callback: (change: PresenceJoin<T>) => void,
  ): SupabaseChannel;
  on<T extends object = Any>(
    type: 'presence',
    filter: { event: 'leave' },
    callback: (change: PresenceLeave<T>) => void,
  ): SupabaseChannel;
  on<T extends object = Any>(
    type: 'presence',
    filter: { event: '*' },
    callback: (change: PresenceJoin<T> | PresenceLeave<T> | { event: 'sync' }) => void,
  ): SupabaseChannel;
  /** Listens to the changes of a table, after `subscribe` as well. */
  on<Row extends object = Any, Event extends PostgresFilter['event'] = PostgresFilter['event']>(
    type: 'postgres_changes',
    filter: PostgresFilter & { event: Event },
    callback: (change: ChangeOf<Row, Event>) => void,
  ): SupabaseChannel;
  /** Listens to messages of the server about the channel. */
  on(type: 'system', filter: object, callback: (message: SystemMessage) => void): SupabaseChannel;
  /** Joins the channel; the callback receives the status, at first and after every interruption. */
  subscribe(callback?: (status: SubscribeStatus, error?: Error) => void): SupabaseChannel;
  /**
   * Sends a message. Without `ack` in the channel's config it is `ok` once it is written to a socket; without a connection
   * it is queued. After `timeout` milliseconds it is `timed out`; presence after 10 000 by default.
   */
  send(message: ChannelMessage, options?: { timeout?: number }): Promise<SendStatus>;
  /** Tracks this client's presence. */
  track(payload: object, options?: { timeout?: number }): Promise<SendStatus>;
  /** Stops tracking this client's presence. */
  untrack(options?: { timeout?: number }): Promise<SendStatus>;
  /** Returns the presence metas by key. */
  presenceState<T extends object = {}>(): PresenceState<T>;
  /** Leaves the channel. */
  unsubscribe(): Promise<SendStatus>;
}
