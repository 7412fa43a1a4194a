import { Icon } from '../../components/icon.tsx';
import { type RejectedEdit, what } from '../../hooks/use-edits.ts';

interface Props {
  rejection: RejectedEdit;
  /** Omitted if the change cannot be tried again. */
  onRetry?: (() => void) | undefined;
  onDismiss(): void;
}

/** Shows what was rolled back and why, with actions. */
export function RejectionNotice({ rejection, onRetry, onDismiss }: Props) {
  return (
    <div className="notice rejection" data-testid="rejection">
      <p>
        <b className="rejection-mark">
          <Icon name="cross" /> Rolled back:
        </b>{' '}
        {what(rejection.attempt)}. The server's message: {rejection.why}
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
