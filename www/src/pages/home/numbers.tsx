import { useStore } from '../../hooks/use-store.ts';
import { statistics } from '../../realtime/statistics.ts';
import { ChannelTable } from './channel-table.tsx';
import { MetricsTable } from './metrics-table.tsx';

/** The client's own counters. */
export function Numbers() {
  const { metrics, channels } = useStore(statistics);
  return (
    <section className="panel numbers" aria-labelledby="numbers-title">
      <div className="panel-head">
        <div>
          <h2 id="numbers-title">The client’s metrics</h2>
          <p>
            <code>getChannelStats()</code> and <code>getMetrics()</code>, read once a second.
          </p>
        </div>
      </div>
      <ChannelTable channels={channels} />
      <MetricsTable metrics={metrics} />
    </section>
  );
}
