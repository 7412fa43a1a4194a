/** The types of a channel in realtime-js's shape. */
import type { PostgresChange, PostgresFilter } from '../index.js';

/** What `subscribe` tells. */
export type SubscribeStatus = 'SUBSCRIBED' | 'TIMED_OUT' | 'CLOSED' | 'CHANNEL_ERROR';

/** How a message, a presence or a channel's end fared. */
export type SendStatus = 'ok' | 'timed out' | 'error';

/** How a channel is joined. */
export interface SupabaseChannelOptions {
  config?: {
    /** `self`: one's own broadcasts come back; `ack`: `send` waits for the server's word. */
    broadcast?: {
      self?: boolean;
      ack?: boolean;
      replay?: { since: number; limit?: number };
      replication_ready?: boolean;
    };
    /** `key`: by which this client is known; `enabled`: even without listeners. */
    presence?: { key?: string; enabled?: boolean };
    /** Whether the database's policies decide who may take part. */
    private?: boolean;
    /** `wait`: `SUBSCRIBED` only once the database tells of its changes. */
    postgres_changes_options?: { wait?: boolean };
  };
}

/** A message somebody broadcast. */
export interface BroadcastMessage<T = unknown> {
  type: 'broadcast';
  event: string;
  payload: T;
  /** Of a message the database stored. */
  meta?: { id: string; replayed?: boolean };
}

/** What the server says of the channel. */
export interface SystemMessage {
  extension: string;
  status: string;
  message: string;
  channel: string;
}

/** Somebody present, with a reference that tells two of one key apart. */
export type PresentOne<T extends object = {}> = T & { presence_ref: string };

/** Who is present, by key. */
export type PresenceState<T extends object = {}> = Record<string, PresentOne<T>[]>;

/** Somebody came, or changed. */
export interface PresenceJoin<T extends object = {}> {
  event: 'join';
  key: string;
  /** Who was there of that key before. */
  currentPresences: PresentOne<T>[];
  newPresences: PresentOne<T>[];
}

/** Somebody went, or changed. */
export interface PresenceLeave<T extends object = {}> {
  event: 'leave';
  key: string;
  /** Who is left of that key. */
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
  /** The name on the wire: `realtime:` and the channel's own. */
  readonly topic: string;
  /** The channel's own name. */
  readonly subTopic: string;
  /** Where it stands. */
  readonly state: 'closed' | 'errored' | 'joined' | 'joining';
  /** Listens to broadcasts, to those of one event, or with `'*'` to all. */
  on<T = Any>(
    type: 'broadcast',
    filter: { event: string },
    callback: (message: BroadcastMessage<T>) => void,
  ): SupabaseChannel;
  /** Listens to who is present. */
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
  /** Listens to what the server says of the channel. */
  on(type: 'system', filter: object, callback: (message: SystemMessage) => void): SupabaseChannel;
  /** Joins; the callback is told how that fares, now and after every interruption. */
  subscribe(callback?: (status: SubscribeStatus, error?: Error) => void): SupabaseChannel;
  /**
   * Sends. Without `ack` in the channel's config it is `ok` once a socket took it; what finds no connection
   * waits for one. After `timeout` milliseconds it is `timed out`; presence after 10 000 by default.
   */
  send(message: ChannelMessage, options?: { timeout?: number }): Promise<SendStatus>;
  /** Says that this client is here. */
  track(payload: object, options?: { timeout?: number }): Promise<SendStatus>;
  /** Takes that back. */
  untrack(options?: { timeout?: number }): Promise<SendStatus>;
  /** Who is present. */
  presenceState<T extends object = {}>(): PresenceState<T>;
  /** Leaves. */
  unsubscribe(): Promise<SendStatus>;
}
