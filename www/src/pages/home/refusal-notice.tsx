import { Icon } from '../../components/icon.tsx';
import { type Refusal, what } from '../../hooks/use-edits.ts';

interface Props {
  refusal: Refusal;
  /** Left out where there is nothing left to try it on. */
  onRetry?: (() => void) | undefined;
  onDismiss(): void;
}

/** Says what was taken back and why, and what can be done about it. */
export function RefusalNotice({ refusal, onRetry, onDismiss }: Props) {
  return (
    <div className="notice refusal" data-testid="refusal">
      <p>
        <b className="refusal-mark">
          <Icon name="cross" /> Taken back:
        </b>{' '}
        {what(refusal.attempt)}. The server says: {refusal.why}
      </p>
      <p className="notice-actions">
        {onRetry && (
          <button type="button" className="button quiet" onClick={onRetry}>
            Try again
          </button>
        )}
        <button type="button" className="button quiet" onClick={onDismiss}>
          Dismiss
        </button>
      </p>
    </div>
  );
}
