/** The hooks with the types of an app's channels. */
import type { ReactNode } from 'react';
import type {
  CollectionOptions,
  EventsOf,
  MessageCallback,
  MessageOf,
  RealtimeClient,
} from '../index.js';
import type { EventOrOptions, HookOptions } from './channel-options.js';
import type { CollectionView } from './collection-store.js';
import type { Messages, ReceivedMessage } from './message-store.js';
import { RealtimeProvider, type RealtimeProviderProps } from './provider.js';
import { type CollectionPlace, useCollection } from './use-collection.js';
import { useLastMessage } from './use-last-message.js';
import { type MessagesOptions, useMessages } from './use-messages.js';
import { useRealtimeChannel } from './use-realtime-channel.js';
import { useRealtimeClient } from './use-realtime-client.js';

/** A channel of the map. */
type Mapped<Channels> = keyof Channels & string;
/** A channel that is not in the map. */
type Unmapped<Channels, C extends string> = C extends keyof Channels ? never : C;
type OrNone<C> = C | '' | null | undefined;
/** The row type of a channel: the message of its event `insert`, or that message's `row`. */
type RowOf<Channels, C extends keyof Channels> =
  EventsOf<Channels, C> extends { insert: infer Inserted extends object }
    ? Inserted extends { row: infer Row extends object }
      ? Row
      : Inserted
    : Record<string, unknown>;

/** The provider and the channel hooks, typed by a map of channels. The other hooks need no types. */
export interface Hooks<Channels extends object> {
  /** Like {@link RealtimeProvider}. */
  RealtimeProvider(props: RealtimeProviderProps<Channels>): ReactNode;
  /** Like {@link useRealtimeClient}. */
  useRealtimeClient(): RealtimeClient<Channels>;
  /** Like {@link useRealtimeChannel}. */
  useRealtimeChannel<C extends Mapped<Channels>>(
    channel: OrNone<C>,
    options: OrNone<HookOptions & { event?: never }>,
    callback: MessageCallback<MessageOf<Channels, C>>,
  ): void;
  useRealtimeChannel<C extends Mapped<Channels>, E extends keyof EventsOf<Channels, C> & string>(
    channel: OrNone<C>,
    event: E,
    callback: MessageCallback<EventsOf<Channels, C>[E]>,
  ): void;
  useRealtimeChannel<T = unknown, C extends string = string>(
    channel: OrNone<C & Unmapped<Channels, C>>,
    eventOrOptions: EventOrOptions,
    callback: MessageCallback<T>,
  ): void;
  /** Like {@link useLastMessage}. */
  useLastMessage<C extends Mapped<Channels>>(
    channel: OrNone<C>,
    options?: OrNone<HookOptions & { event?: never }>,
  ): ReceivedMessage<MessageOf<Channels, C>> | null;
  useLastMessage<C extends Mapped<Channels>, E extends keyof EventsOf<Channels, C> & string>(
    channel: OrNone<C>,
    event: E,
  ): ReceivedMessage<EventsOf<Channels, C>[E]> | null;
  useLastMessage<T = unknown, C extends string = string>(
    channel: OrNone<C & Unmapped<Channels, C>>,
    eventOrOptions?: EventOrOptions,
  ): ReceivedMessage<T> | null;
  /** Like {@link useMessages}. */
  useMessages<C extends Mapped<Channels>>(
    channel: OrNone<C>,
    options?: MessagesOptions & { event?: never },
  ): Messages<MessageOf<Channels, C>>;
  useMessages<C extends Mapped<Channels>, E extends keyof EventsOf<Channels, C> & string>(
    channel: OrNone<C>,
    options: MessagesOptions & { event: E },
  ): Messages<EventsOf<Channels, C>[E]>;
  useMessages<T = unknown, C extends string = string>(
    channel: OrNone<C & Unmapped<Channels, C>>,
    options?: MessagesOptions,
  ): Messages<T>;
  /** Like {@link useCollection}; the row type is that of the channel's event `insert`. */
  useCollection<C extends Mapped<Channels>>(
    channel: OrNone<C>,
    options?: CollectionOptions<RowOf<Channels, C>>,
  ): CollectionView<RowOf<Channels, C>>;
  useCollection<T extends object = Record<string, unknown>, C extends string = string>(
    channel: OrNone<C & Unmapped<Channels, C>>,
    options?: CollectionOptions<T>,
  ): CollectionView<T>;
  useCollection<T extends object>(place: OrNone<CollectionPlace<T>>): CollectionView<T>;
}

const HOOKS = {
  RealtimeProvider,
  useRealtimeClient,
  useRealtimeChannel,
  useLastMessage,
  useMessages,
  useCollection,
};

/**
 * Returns the hooks with the types of an app's channels. They are the same functions as the exported ones.
 *
 * ```ts
 * export const { useRealtimeChannel, useMessages } = createHooks<{
 *   news: Article;
 *   [room: `room:${string}`]: Events<{ chat: ChatMessage; left: { who: string } }>;
 * }>();
 * ```
 */
export const createHooks = <Channels extends object>(): Hooks<Channels> =>
  HOOKS as unknown as Hooks<Channels>;
