import { Icon } from '../components/icon.tsx';
import type { Rollbacks } from './use-rollbacks.ts';

/** Shows what was rolled back and why. */
export function RollbackNotices({ list, dismiss }: Pick<Rollbacks, 'list' | 'dismiss'>) {
  return (
    <div className="rejections" aria-live="polite">
      {list.map(({ id, what, why }) => (
        <div key={id} className="notice rejection" data-testid="rollback">
          <p>
            <b className="rejection-mark">
              <Icon name="cross" /> Rolled back:
            </b>{' '}
            {what}. The server's message: {why}
          </p>
          <p className="notice-actions">
            <button type="button" className="button quiet" onClick={() => dismiss(id)}>
              Dismiss
            </button>
          </p>
        </div>
      ))}
    </div>
  );
}
