import { useParams } from 'wouter';
import { Pane } from '../../pane/pane.tsx';
import { ANN } from '../../pane/person.ts';
import { PageIntro } from '../../shell/page-intro.tsx';
import { CallDesk } from './call-desk.tsx';
import './calls.css';

/** Live calls, and their statistics. */
export default function CallsPage() {
  const { campaign } = useParams<{ campaign?: string }>();
  return (
    <div className="domain">
      <PageIntro title="Calls">
        Calls ring, are answered and end. One clock updates all durations every second. The server
        keeps the totals of each campaign.
      </PageIntro>
      <Pane person={ANN}>
        <CallDesk chosen={campaign} />
      </Pane>
    </div>
  );
}
