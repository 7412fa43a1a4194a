import type { RealTimeHandlers } from './types.js';

/** Handlers and their events of the manager. */
export const HANDLERS: readonly [handler: keyof RealTimeHandlers, event: string][] = [
  ['onConnectionChange', 'stateChange'],
  ['onError', 'error'],
  ['onBillUpdate', 'billUpdate'],
  ['onCommunityUpdate', 'communityUpdate'],
  ['onNotification', 'notification'],
  ['onTypingIndicator', 'typingIndicator'],
  ['onCommentUpdate', 'commentUpdate'],
  ['onVoteUpdate', 'voteUpdate'],
];
