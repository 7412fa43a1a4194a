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
export * from './connection-indicator.js';
export * from './connection-manager.js';
export * from './data-sync-manager.js';
export * from './interview-realtime-wrapper.js';
export * from './presence-manager.js';
export type { ProjectContents } from './project-rows.js';
export type { ProjectView } from './project-store.js';
export * from './selectors.js';
export type {
  ConnectionQuality,
  ConnectionState,
  CreatorProfile,
  Finding,
  Interview,
  InterviewNote,
  InterviewNoteReply,
  PersonaDefinition,
  PresenceUser,
  ScriptItem,
} from './types.js';
export { type ImprovedRealtime, useImprovedRealtime } from './use-improved-realtime.js';
export * from './use-interview-detail-realtime.js';
export * from './use-interview-notes-realtime.js';
export * from './use-interview-realtime.js';
export * from './use-interviews-realtime.js';
