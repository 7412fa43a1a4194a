import { useRef, useState } from 'react';
import type { Comment, CommentNode } from 'tidewire/services';
import { Composer } from '../../pane/composer.tsx';
import { SavingMark } from '../../pane/saving-mark.tsx';
import { When } from '../../pane/when.tsx';

interface Props {
  comment: CommentNode;
  /** The keys of the rows that are not stored yet. */
  unsaved: ReadonlySet<string>;
  reply(parent: Comment, body: string): void;
  report(comment: Comment): void;
  typing(): void;
  stopTyping(): void;
}

/** A comment with its replies and actions. */
export function CommentItem(props: Props) {
  const { comment, unsaved, reply, report, typing, stopTyping } = props;
  const { id, author, body, state = 'visible', replies, created_at: at } = comment;
  const [isReplying, setReplying] = useState(false);
  const replyButton = useRef<HTMLButtonElement>(null);
  const isUnsaved = unsaved.has(id);
  const end = (): void => {
    setReplying(false);
    replyButton.current?.focus();
  };
  return (
    <li className="comment" data-testid="comment" data-state={state} data-pending={isUnsaved}>
      <p className="comment-by">
        <b>{author?.name ?? 'Somebody'}</b> {author?.expert && <span className="tag">expert</span>}{' '}
        {state === 'flagged' && <span className="tag tone-busy">reported</span>} <When at={at} />{' '}
        {isUnsaved && <SavingMark />}
      </p>
      {state === 'removed' ? (
        <p className="comment-removed">Removed by a moderator.</p>
      ) : (
        <>
          <p className="comment-body">{body}</p>
          <div className="comment-actions">
            <button
              ref={replyButton}
              type="button"
              className="button quiet"
              disabled={isUnsaved}
              aria-expanded={isReplying}
              aria-label={`Reply to “${body}”`}
              onClick={() => setReplying(!isReplying)}
            >
              Reply
            </button>
            <button
              type="button"
              className="button quiet"
              disabled={isUnsaved || state === 'flagged'}
              aria-label={`Report “${body}”`}
              onClick={() => report(comment)}
            >
              Report
            </button>
          </div>
        </>
      )}
      {isReplying && (
        <Composer
          label="Your reply"
          submit="Send reply"
          isFocused
          onTyping={typing}
          onStop={stopTyping}
          onCancel={end}
          onSubmit={(text) => {
            reply(comment, text);
            end();
          }}
        />
      )}
      {replies.length > 0 && (
        <ol className="comment-replies">
          {replies.map((each) => (
            <CommentItem key={each.id} {...props} comment={each} />
          ))}
        </ol>
      )}
    </li>
  );
}
