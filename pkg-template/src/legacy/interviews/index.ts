'use client';
/**
 * The older hooks of interviews that follow the rows of a database, with their names and signatures.
 *
 * `configureLegacy` of `tidewire/legacy` sets the signed-in user and the source of the rows.
 *
 * @packageDocumentation
 */
export type { LegacyChannel } from '../channel.js';
export type { RowChange } from '../row-changes.js';
export {
  type ChannelRegistry,
  channelRegistry,
  type RegistryChannelStats,
} from './channel-registry.js';
export { ConnectionIndicator } from './connection-indicator.js';
export * from './connection-manager.js';
export { type DataSyncEvent, DataSyncManager, type SyncState } from './data-sync-manager.js';
export { type PresenceEvent, PresenceManager, type TrackedUser } from './presence-manager.js';
export type { ProjectContents } from './project-rows.js';
export type { ProjectView } from './project-store.js';
export { InterviewRealtimeWrapper } from './provider.js';
export * from './selectors.js';
export type * from './types.js';
export * from './use-interview-notes-realtime.js';
export * from './use-interview-realtime.js';
export { type InterviewsRealtime, useInterviewsRealtime } from './use-interviews-realtime.js';
