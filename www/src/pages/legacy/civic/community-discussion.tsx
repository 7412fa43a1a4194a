import { useEffect } from 'react';
import { useCommunityRealTime } from 'tidewire/legacy/core-realtime';
import { count } from '../../../components/format.ts';
import { Composer } from '../../../pane/composer.tsx';

const SHOWN = 5;

/** The discussion of the legacy documentation. */
export function CommunityDiscussion({ billId }: { billId: number }) {
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

  const currentTyping = typingIndicators.get(`${billId}_root`) ?? [];
  return (
    <div className="part">
      <h3>Discussion</h3>
      <Composer
        label="Write a comment"
        submit="Comment"
        onTyping={() => sendTypingIndicator(billId)}
        onStop={() => stopTypingIndicator(billId)}
        onSubmit={(body) => sendCommentUpdate(billId, { body })}
      >
        <span className="legacy-line" role="status" data-testid="typing">
          {currentTyping.length > 0 && `${count(currentTyping.length, 'user')} typing…`}
        </span>
      </Composer>
      <ul className="legacy-rows" aria-label="Comments">
        {recentComments.slice(0, SHOWN).map(({ commentId, action, data }) => (
          <li key={commentId}>
            <span>{String(data.body ?? action)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
