import { useMemo } from 'react';
import { useNow } from '../../react/index.js';
import { useSame } from '../use-view.js';
import { type CommunityService, LIMIT } from './community.js';
import { realTimeService } from './realtime-service.js';
import type { BillId, CommentUpdate, TypingIndicator } from './types.js';
import { RefCounts, safely, useRefCounts } from './use-ref-counts.js';
import { useIsConnected, useWatched } from './use-watched.js';

/** What {@link useCommunityRealTime} returns. */
export interface CommunityRealTime
  extends Pick<
    CommunityService,
    'sendTypingIndicator' | 'stopTypingIndicator' | 'sendCommentUpdate' | 'sendVoteUpdate'
  > {
  readonly isConnected: boolean;
  /** The discussions this component subscribed to, as `bill_{id}`. */
  readonly subscribedDiscussions: ReadonlySet<string>;
  /** The typing indicators, by `{billId}_{parentId or 'root'}`. */
  readonly typingIndicators: ReadonlyMap<string, readonly TypingIndicator[]>;
  /** The newest comments, newest first, at most 100. */
  readonly recentComments: readonly CommentUpdate[];
  /** Subscribes, until the component is unmounted. */
  readonly subscribeToDiscussion: (billId: BillId) => void;
  readonly unsubscribeFromDiscussion: (billId: BillId) => void;
}

const community = () => realTimeService.getCommunityService();

const discussions = /* @__PURE__ */ new RefCounts<string>(
  'a discussion',
  (name) => void community().subscribeToDiscussion(name.slice('bill_'.length)),
  (name) => community().unsubscribeFromDiscussion(name),
);

/** The functions that send, the same for all components. */
const SENDERS = {
  sendTypingIndicator: (billId: BillId, parentId?: string) =>
    safely('Sending a typing indicator', () => community().sendTypingIndicator(billId, parentId)),
  stopTypingIndicator: (billId: BillId, parentId?: string) =>
    safely('Sending a typing indicator', () => community().stopTypingIndicator(billId, parentId)),
  sendCommentUpdate: (billId: BillId, comment: Record<string, unknown>) =>
    safely('Sending a comment', () => community().sendCommentUpdate(billId, comment)),
  sendVoteUpdate: (billId: BillId, vote: Record<string, unknown>) =>
    safely('Sending a vote', () => community().sendVoteUpdate(billId, vote)),
};

/**
 * Returns discussions with live updates. `realTimeService.initialize` must be called, before or after. It never throws.
 *
 * @deprecated Use the service `community` of `tidewire/services` with `useCollection` and `useTyping` of
 * `tidewire/react`.
 */
export function useCommunityRealTime(): CommunityRealTime {
  const service = realTimeService.getCommunityService();
  const version = useWatched(service);
  const now = useNow(service.hasExpiring());
  const { keys, acquire, release } = useRefCounts(discussions);
  const actions = useMemo(
    () => ({
      subscribeToDiscussion: (id: BillId) => acquire(`bill_${id}`),
      unsubscribeFromDiscussion: (id: BillId) =>
        release(`bill_${String(id).replace(/^bill_/, '')}`),
    }),
    [acquire, release],
  );
  const isConnected = useIsConnected();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the data depend on the service's version and the time only
  const data = useMemo(
    () => ({
      typingIndicators: service.getAllTypingIndicators(),
      recentComments: service.getRecentComments(LIMIT),
    }),
    [service, version, now],
  );
  return useSame({ isConnected, subscribedDiscussions: keys, ...data, ...actions, ...SENDERS });
}
