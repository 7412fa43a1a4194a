import { useMemo } from 'react';
import { ActiveUsers, TypingIndicator } from 'tidewire/components';
import { useCollection, usePresence, useTyping } from 'tidewire/react';
import {
  addComment,
  type Comment,
  commentTree,
  flagComment,
  replyToComment,
} from 'tidewire/services';
import { ScrollRegion } from '../../components/scroll-region.tsx';
import { Composer } from '../../pane/composer.tsx';
import { labelOf, nameOf } from '../../pane/person.ts';
import { RollbackNotices } from '../../pane/rollback-notices.tsx';
import { useDemoSession } from '../../pane/use-demo-session.ts';
import { useRollbacks } from '../../pane/use-rollbacks.ts';
import { CommentItem } from './comment-item.tsx';
import { useCommunity } from './use-community.ts';
import { Vote } from './vote.tsx';

interface Props {
  bill: string;
}

/** The discussion of a bill, with votes and presence. */
export function Discussion({ bill }: Props) {
  const { person } = useDemoSession();
  const service = useCommunity();
  const channel = service.discussion.at(bill);
  const { present } = usePresence(channel, { name: person.name });
  const { who, start, stop } = useTyping(channel, person.id);
  const comments = useCollection(service.comments.at(bill));
  const votes = useCollection(service.votes.at(bill));
  const moderation = useCollection(service.moderation.at());
  const { list, watch, dismiss } = useRollbacks();
  const tree = useMemo(() => commentTree(comments.items), [comments.items]);
  const unsaved = useMemo(
    () => new Set(comments.pending.map(({ key }) => key)),
    [comments.pending],
  );
  const author = { id: person.id, name: person.name, expert: false };

  const actions = {
    reply: (parent: Comment, body: string) =>
      watch(replyToComment(comments, parent, { body, author }), `the reply “${body}”`),
    report: (comment: Comment) => {
      watch(flagComment(moderation, comment, 'Reported by a reader'), 'the report');
      watch(comments.update(comment.id, { state: 'flagged' }), 'the mark of the report');
    },
    typing: start,
    stopTyping: stop,
  };
  return (
    <>
      <Vote votes={votes} bill={bill} watch={watch} />
      <ActiveUsers
        present={present}
        className="chips"
        texts={{ label: labelOf(person, 'In this discussion') }}
      />
      <div className="part">
        <Composer
          label="New comment"
          submit="Comment"
          onSubmit={(body) => watch(addComment(comments, bill, { body, author }), `“${body}”`)}
          onTyping={start}
          onStop={stop}
        >
          <TypingIndicator who={who.map(nameOf)} />
        </Composer>
        <RollbackNotices list={list} dismiss={dismiss} />
      </div>
      <div className="part">
        <h3>Comments</h3>
        <ScrollRegion className="pane-scroll" label={labelOf(person, 'All comments')}>
          <ol className="comments" data-testid="comments" aria-busy={comments.isLoading}>
            {[...tree].reverse().map((comment) => (
              <CommentItem key={comment.id} comment={comment} unsaved={unsaved} {...actions} />
            ))}
          </ol>
        </ScrollRegion>
      </div>
    </>
  );
}
