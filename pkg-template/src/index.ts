/**
 * A realtime client: one WebSocket, which is open only while it is needed, and recovery of missed messages after every
 * interruption where the server supports it.
 *
 * Importing has no effect: `window` is not accessed and nothing is loaded.
 *
 * @packageDocumentation
 */
export { createRealtimeClient } from './client.js';
export type {
  Change,
  Collection,
  CollectionOptions,
  CollectionSnapshot,
  Conflict,
  Draft,
  Loaded,
  Mutation,
  MutationStatus,
  PendingChange,
  Position,
  RowKey,
  Stored,
} from './collection-types.js';
export type { ChannelOptions, ChannelState, Continuity, Gap, Unsubscribe } from './common-types.js';
export { channelManager, channelRegistry, realtimeClient, useRealtimeChannel } from './default.js';
export { type ErrorCode, RealtimeError } from './errors.js';
export { preload } from './loader.js';
export type {
  ManagedChannel,
  ManagedChannelOptions,
  ManagedChannelState,
} from './managed-channel.js';
export type { ClientOptions, LogRecord, TokenAnswer, WasmSource } from './options.js';
export type {
  PostgresChange,
  PostgresDelete,
  PostgresFilter,
  PostgresInsert,
  PostgresUpdate,
} from './postgres-types.js';
export type { Meta, Presence, PresenceListener, Typing } from './presence-types.js';
export type { Ack, SendOptions, Sent, SentStatus } from './sent.js';
export type { ChannelRegistryStats, ChannelStats, Metrics } from './stats-types.js';
export type {
  Channel,
  ChannelStatus,
  ClientEvents,
  ClientSnapshot,
  Events,
  EventsOf,
  LegacyState,
  MessageCallback,
  MessageMeta,
  MessageOf,
  Quality,
  RealtimeClient,
  State,
  StateChange,
} from './types.js';
