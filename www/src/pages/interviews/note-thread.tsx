import { useRef, useState } from 'react';
import type { NoteThread as Thread } from 'tidewire/services';
import { Composer } from '../../pane/composer.tsx';
import { Remark } from './remark.tsx';

interface Props {
  thread: Thread;
  /** The keys of the rows that are not stored yet. */
  unsaved: ReadonlySet<string>;
  onReply(content: string): void;
  /** Omitted for the notes of other users. */
  onRemove: (() => void) | undefined;
  typing: { start(): void; stop(): void };
}

/** A note, the replies to it, and a way to reply. */
export function NoteThread({ thread, unsaved, onReply, onRemove, typing }: Props) {
  const [isReplying, setReplying] = useState(false);
  const replyButton = useRef<HTMLButtonElement>(null);
  const isUnsaved = unsaved.has(thread.id);
  const end = (): void => {
    setReplying(false);
    replyButton.current?.focus();
  };
  return (
    <li className="thread" data-testid="note" data-key={thread.id} data-pending={isUnsaved}>
      <Remark remark={thread} isUnsaved={isUnsaved} />
      {thread.replies.length > 0 && (
        <ol className="thread-replies" aria-label={`Replies to “${thread.content}”`}>
          {thread.replies.map((reply) => (
            <li key={reply.id} data-testid="reply">
              <Remark remark={reply} isUnsaved={unsaved.has(reply.id)} />
            </li>
          ))}
        </ol>
      )}
      <div className="thread-actions">
        <button
          ref={replyButton}
          type="button"
          className="button quiet"
          disabled={isUnsaved}
          aria-expanded={isReplying}
          aria-label={`Reply to “${thread.content}”`}
          onClick={() => setReplying(!isReplying)}
        >
          Reply
        </button>
        {onRemove && (
          <button
            type="button"
            className="button quiet"
            aria-label={`Remove “${thread.content}”`}
            onClick={onRemove}
          >
            Remove
          </button>
        )}
      </div>
      {isReplying && (
        <Composer
          label="Your reply"
          submit="Send reply"
          isFocused
          onTyping={typing.start}
          onStop={typing.stop}
          onCancel={end}
          onSubmit={(content) => {
            onReply(content);
            end();
          }}
        />
      )}
    </li>
  );
}
