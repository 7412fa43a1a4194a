import type { RealTimeHandlers } from './types.js';

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
