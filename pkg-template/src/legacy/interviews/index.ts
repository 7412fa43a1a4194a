'use client';
/**
 * The legacy hooks for interviews that are updated by database changes, with their names and signatures.
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
export {
  type ConnectionEvent,
  ConnectionManager,
  type ConnectionStats,
} from './connection-manager.js';
export { type DataSyncEvent, DataSyncManager, type SyncState } from './data-sync-manager.js';
export { type PresenceEvent, PresenceManager, type TrackedUser } from './presence-manager.js';
export type { ProjectContents } from './project-rows.js';
export type { ProjectView } from './project-session.js';
export { InterviewRealtimeWrapper } from './provider.js';
export {
  type ImprovedRealtime,
  type InterviewDetailRealtime,
  useAllPresence,
  useImprovedRealtime,
  useInterview,
  useInterviewDetailRealtime,
  useInterviewNotes,
  useInterviewPresence,
  useInterviews,
  useRealtimeInterview,
  useRealtimeInterviewNotes,
  useRealtimeInterviews,
  useRealtimePresence,
} from './selectors.js';
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
export {
  type InterviewNotesRealtime,
  useInterviewNotesRealtime,
} from './use-interview-notes-realtime.js';
export {
  type InterviewPresence,
  type InterviewRealtime,
  type TrackedPresence,
  useInterviewRealtime,
} from './use-interview-realtime.js';
export { type InterviewsRealtime, useInterviewsRealtime } from './use-interviews-realtime.js';
