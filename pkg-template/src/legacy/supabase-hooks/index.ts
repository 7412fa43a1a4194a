'use client';

export type * from './boundary-types.js';
/**
 * The hooks of the call marketplace, under their own names and signatures, on the one client that
 * `configureLegacy({ supabase })` sets. All of them are deprecated: each names its replacement.
 *
 * @packageDocumentation
 */
export * from './components.js';
export type { Call, Campaign } from './entities.js';
export * from './entity-subscriptions.js';
export * from './error-boundary.js';
export type { RealtimeErrorKind } from './error-kind.js';
export * from './notifications.js';
export * from './post-channels.js';
export * from './supplier-calls.js';
export type { RealTimeStats } from './supplier-stats.js';
export * from './use-real-time-stats.js';
export * from './use-realtime-channel.js';
export * from './use-realtime-subscription.js';
export * from './use-realtime-with-retry.js';
