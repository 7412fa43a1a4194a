'use client';

/**
 * The older hooks of interviews that synchronize by broadcasts, with their names and signatures.
 *
 * `configureLegacy` of `tidewire/legacy` sets the signed-in user and the source of the rows.
 *
 * @packageDocumentation
 */
export type { LegacyChannel } from '../channel.js';
export { BaseMessageHandler, type OptimisticUpdate } from './base-message-handler.js';
export * from './broadcast-realtime-provider.js';
export { type ChannelManager, channelManager } from './channel-manager.js';
export * from './channel-names.js';
export * from './envelope.js';
export * from './interview-note-handler.js';
export type {
  ChannelConfig,
  ChannelState,
  ManagedChannel,
  MessageHandler,
} from './managed-channel.js';
export * from './message-factory.js';
export * from './selectors.js';
export type * from './types.js';
export * from './use-interview-detail-realtime.js';
export {
  type InterviewNotesBroadcast,
  type InterviewNotesOptions,
  useInterviewNotesBroadcast,
} from './use-interview-notes-broadcast.js';
export * from './use-interview-notes-realtime.js';
export * from './use-interviews-realtime.js';
