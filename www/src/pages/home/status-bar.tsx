import { useStore } from '../../hooks/use-store.ts';
import { connection } from '../../realtime/connection.ts';
import { describeReason } from '../../realtime/reasons.ts';
import { Chain } from './chain.tsx';
import { QualityBadge } from './quality-badge.tsx';
import { StateBadge } from './state-badge.tsx';

interface Props {
  /** The number of components that are subscribed. */
  listeners: number;
}

/** A summary of the connection that stays visible while the page scrolls. */
export function StatusBar({ listeners }: Props) {
  const { state, quality, reason, error } = useStore(connection);
  return (
    <section className="status" aria-label="Connection">
      <div className="status-inner">
        <div className="status-now" role="status" data-testid="connection">
          <StateBadge state={state} />
          <p className="status-reason">
            <span data-testid="reason">{describeReason(reason)}</span>
            {state === 'failed' && error && <span className="status-hint">{error.hint}</span>}
          </p>
        </div>
        <QualityBadge quality={quality} />
        <Chain listeners={listeners} />
      </div>
    </section>
  );
}
