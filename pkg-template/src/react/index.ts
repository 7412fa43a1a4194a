'use client';

/**
 * React: a provider and hooks that render at most once per batch, and clean up after themselves. For React 18 and 19.
 *
 * @packageDocumentation
 */
export type { ChannelName, EventOrOptions, HookOptions } from './channel-options.js';
export type { ChannelHealth, ChannelStanding } from './channel-store.js';
export { type Clock, clock, useNow } from './clock.js';
export type { CollectionView } from './collection-store.js';
export { createHooks, type Hooks } from './create-hooks.js';
export type { Heard, Messages, ReceivedMessage } from './message-store.js';
export type { Present } from './presence-store.js';
export { RealtimeProvider, type RealtimeProviderProps } from './provider.js';
export type { PresenceOptions } from './shared-presence.js';
export type { TypingView } from './typing-store.js';
export { type CollectionPlace, useCollection } from './use-collection.js';
export { type Connection, useConnection } from './use-connection.js';
export { useLastMessage } from './use-last-message.js';
export { type MessagesOptions, useMessages } from './use-messages.js';
export { useMetrics } from './use-metrics.js';
export { useOnlineStatus } from './use-online-status.js';
export { usePresence } from './use-presence.js';
export { useRealtimeChannel } from './use-realtime-channel.js';
export { useRealtimeClient } from './use-realtime-client.js';
export { useTyping } from './use-typing.js';
