/**
 * Supabase Realtime: a client for a supabase-js client or a project, and realtime-js's methods on it.
 *
 * Nothing of supabase-js is imported.
 *
 * @packageDocumentation
 */
export { supabaseChannel } from './channel.js';
export type {
  BroadcastMessage,
  ChannelMessage,
  PresenceJoin,
  PresenceLeave,
  PresenceState,
  PresentOne,
  SendStatus,
  SubscribeStatus,
  SupabaseChannel,
  SupabaseChannelOptions,
  SystemMessage,
} from './channel-types.js';
export {
  createSupabaseRealtime,
  type SupabaseClientLike,
  type SupabaseOptions,
  type SupabaseSession,
} from './project.js';
export { type SupabaseRealtime, supabaseRealtime } from './realtime.js';
