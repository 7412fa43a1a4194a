import { type CollectionView, useCollection } from 'tidewire/react';
import { decideReport, type Report } from 'tidewire/services';
import { nameOf } from '../../pane/person.ts';
import type { Rollbacks } from '../../pane/use-rollbacks.ts';
import { useCommunity } from './use-community.ts';

interface Props {
  report: Report;
  moderation: CollectionView<Report>;
  watch: Rollbacks['watch'];
}

/** A report, the comment it is about, and the two ways to decide it. */
export function ReportItem({ report, moderation, watch }: Props) {
  const service = useCommunity();
  const comments = useCollection(service.comments.at(report.bill_id));
  const comment = comments.items.find(({ id }) => id === report.comment_id);
  const what = comment?.body ?? 'a removed comment';
  const decide = (state: 'upheld' | 'dismissed'): void => {
    watch(decideReport(moderation, report.id, state), `the decision about “${what}”`);
    if (!comment) return;
    const outcome = state === 'upheld' ? 'removed' : 'visible';
    watch(comments.update(comment.id, { state: outcome }), `the state of “${what}”`);
  };
  return (
    <li className="report" data-testid="report">
      <p className="comment-by">
        {report.reason}, reported by <b>{nameOf(report.reported_by ?? 'somebody')}</b>
      </p>
      <p className="comment-body">{what}</p>
      <div className="comment-actions">
        <button
          type="button"
          className="button quiet"
          aria-label={`Remove the comment “${what}”`}
          onClick={() => decide('upheld')}
        >
          Remove the comment
        </button>
        <button
          type="button"
          className="button quiet"
          aria-label={`Keep it: “${what}”`}
          onClick={() => decide('dismissed')}
        >
          Keep it
        </button>
      </div>
    </li>
  );
}
