import { useEffect } from 'react';
import { useBillTracking } from 'tidewire/legacy/core-realtime';
import { Figures } from '../../../pane/figures.tsx';
import { When } from '../../../pane/when.tsx';

const SHOWN = 4;

/** The tracker of the legacy documentation. */
export function BillTracker({ billId }: { billId: number }) {
  const { subscribeToBill, unsubscribeFromBill, getBillUpdates, getEngagementMetrics } =
    useBillTracking();
  useEffect(() => {
    subscribeToBill(billId);
    return () => unsubscribeFromBill(billId);
  }, [billId, subscribeToBill, unsubscribeFromBill]);

  const updates = getBillUpdates(billId);
  const metrics = getEngagementMetrics(billId);
  return (
    <div className="part">
      <h3>Bill {billId}</h3>
      <Figures
        label={`Engagement with bill ${billId}`}
        figures={[
          { name: 'Views', value: String(metrics?.viewCount ?? '–') },
          { name: 'Comments', value: String(metrics?.commentCount ?? '–') },
          { name: 'Updates', value: String(updates.length) },
        ]}
      />
      <ul className="legacy-rows" aria-label="Updates">
        {updates.slice(-SHOWN).map(({ type, timestamp }) => (
          <li key={`${type} ${timestamp}`}>
            <span>{type.replaceAll('_', ' ')}</span> <When at={timestamp} />
          </li>
        ))}
      </ul>
    </div>
  );
}
