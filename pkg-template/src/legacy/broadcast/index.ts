'use client';

/**
 * The legacy hooks for interviews that are synchronized by broadcasts, with their names and signatures.
 *
 * `configureLegacy` of `tidewire/legacy` sets the signed-in user and the source of the rows.
 *
 * @packageDocumentation
 */
export type { LegacyChannel } from '../channel.js';
export { BaseMessageHandler, type OptimisticUpdate } from './base-message-handler.js';
export { type ChannelManager, channelManager } from './channel-manager.js';
export {
  BroadcastAction,
  type BroadcastMessage,
  type BroadcastMetadata,
  getInterviewChannelName,
  getProjectChannelName,
  InterviewBroadcastType,
  MessageFactory,
} from './envelope.js';
export { InterviewNoteHandler, type NoteState } from './interview-note-handler.js';
export type {
  ChannelConfig,
  ChannelState,
  ManagedChannel,
  MessageHandler,
} from './managed-channel.js';
export {
  BroadcastRealtimeProvider,
  RealtimeProvider,
  RealtimeWrapper,
} from './provider.js';
export {
  type BroadcastRealtime,
  type InterviewDetailRealtime,
  useBroadcastInterview,
  useBroadcastInterviewNotes,
  useBroadcastInterviews,
  useBroadcastPresence,
  useBroadcastRealtime,
  useInterview,
  useInterviewDetailRealtime,
  useInterviewNotes,
  useInterviews,
  usePresence,
  useRealtime,
} from './selectors.js';
export type { Interview, InterviewNote, InterviewNoteReply, PresenceUser } from './types.js';
export {
  type InterviewNotesBroadcast,
  type InterviewNotesOptions,
  type InterviewNotesRealtime,
  useInterviewNotesBroadcast,
  useInterviewNotesRealtime,
} from './use-interview-notes.js';
export { type InterviewsRealtime, useInterviewsRealtime } from './use-interviews-realtime.js';
