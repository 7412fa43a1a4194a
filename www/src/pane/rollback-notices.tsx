import { Icon } from '../components/icon.tsx';
import type { TakenBackList } from './use-rollbacks.ts';

/** Says what was taken back and why. */
export function TakenBackNotices({ list, dismiss }: Pick<TakenBackList, 'list' | 'dismiss'>) {
  return (
    <div className="refusals" aria-live="polite">
      {list.map(({ id, what, why }) => (
        <div key={id} className="notice refusal" data-testid="taken-back">
          <p>
            <b className="refusal-mark">
              <Icon name="cross" /> Taken back:
            </b>{' '}
            {what}. The server says: {why}
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
