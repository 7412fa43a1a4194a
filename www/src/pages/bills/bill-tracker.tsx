import { useMemo } from 'react';
import { useCollection } from 'tidewire/react';
import { bills } from 'tidewire/services';
import { useDemoSession } from '../../pane/use-demo-session.ts';
import { BillDetail } from './bill-detail.tsx';
import { BillList } from './bill-list.tsx';

interface Props {
  /** The id in the location, if one is there. */
  chosen: string | undefined;
}

/** All bills, and one of them in detail. */
export function BillTracker({ chosen }: Props) {
  const { carried } = useDemoSession();
  const service = useMemo(() => bills({ source: carried }), [carried]);
  const { items, isLoading, error } = useCollection(service.bills.at());
  const engagement = useCollection(service.engagement.at());
  const bill = items.find(({ id }) => id === chosen) ?? items[0];
  if (!bill) {
    return <p className="empty">{error?.message ?? (isLoading ? 'Loading…' : 'No bills.')}</p>;
  }
  return (
    <div className="bill-tracker">
      <BillList bills={items} chosen={bill.id} />
      <BillDetail
        key={bill.id}
        bill={bill}
        counts={engagement.items.find(({ id }) => id === bill.id)}
        channel={service.bill.at(bill.id)}
      />
    </div>
  );
}
