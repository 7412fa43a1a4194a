import { useParams } from 'wouter';
import { Pane } from '../../pane/pane.tsx';
import { ANN } from '../../pane/person.ts';
import { PageIntro } from '../../shell/page-intro.tsx';
import { BillTracker } from './bill-tracker.tsx';
import './bills.css';

/** Bills, their events and their engagement. */
export default function BillsPage() {
  const { bill } = useParams<{ bill?: string }>();
  return (
    <div className="domain">
      <PageIntro title="Bills">
        The status of each bill, its events live, and how much it is read, saved, discussed and
        shared. The figures are rows; the events are messages.
      </PageIntro>
      <Pane person={ANN}>
        <BillTracker chosen={bill} />
      </Pane>
    </div>
  );
}
