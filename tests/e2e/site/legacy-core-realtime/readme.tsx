/** The components of the older documentation, with nothing changed but the paths of their imports. */
import { type ReactNode, useEffect } from 'react';
import { useBillTracking, useCommunityRealTime, useWebSocket } from 'tidewire/legacy/core-realtime';

export function MyComponent({ userToken }: { userToken: string }): ReactNode {
  const { isConnected, isConnecting, connectionQuality, error, connect, disconnect } = useWebSocket(
    { autoConnect: true, token: userToken },
  );

  return (
    <div>
      <p>Status: {isConnected ? 'Connected' : 'Disconnected'}</p>
      <p>Quality: {connectionQuality}</p>
      {isConnecting && <p>Connecting</p>}
      {error && <p>Error: {error}</p>}
      <button type="button" onClick={connect}>
        connect
      </button>
      <button type="button" onClick={disconnect}>
        disconnect
      </button>
    </div>
  );
}

export function BillTracker({ billId }: { billId: number }): ReactNode {
  const { subscribeToBill, unsubscribeFromBill, getBillUpdates, getEngagementMetrics } =
    useBillTracking();

  useEffect(() => {
    subscribeToBill(billId);
    return () => unsubscribeFromBill(billId);
  }, [billId, subscribeToBill, unsubscribeFromBill]);

  const updates = getBillUpdates(billId);
  const metrics = getEngagementMetrics(billId);

  return (
    <div>
      <h3>
        Bill {billId} ({updates.length})
      </h3>
      {updates.map((update) => (
        <p key={update.timestamp} className="update">
          {update.type}: {JSON.stringify(update.data)}
        </p>
      ))}
      {metrics && (
        <p>
          Views: {metrics.viewCount} Comments: {metrics.commentCount}
        </p>
      )}
    </div>
  );
}

export function CommunityDiscussion({ billId }: { billId: number }): ReactNode {
  const {
    subscribeToDiscussion,
    sendTypingIndicator,
    stopTypingIndicator,
    sendCommentUpdate,
    typingIndicators,
    recentComments,
  } = useCommunityRealTime();

  useEffect(() => {
    subscribeToDiscussion(billId);
  }, [billId, subscribeToDiscussion]);

  const handleStartTyping = () => {
    sendTypingIndicator(billId);
  };

  const handleStopTyping = () => {
    stopTypingIndicator(billId);
  };

  const handleSubmitComment = (commentData: { text: string }) => {
    sendCommentUpdate(billId, commentData);
  };

  const currentTyping = typingIndicators.get(`${billId}_root`) || [];

  return (
    <div>
      <textarea
        onFocus={handleStartTyping}
        onBlur={handleStopTyping}
        placeholder="Write a comment..."
      />
      <button type="button" onClick={() => handleSubmitComment({ text: 'Well said.' })}>
        comment
      </button>
      {currentTyping.length > 0 && <p>{currentTyping.length} user(s) typing...</p>}
      <ul>
        {recentComments.map(({ commentId, data }) => (
          <li key={commentId}>{String(data.text)}</li>
        ))}
      </ul>
    </div>
  );
}
