import { Pane } from '../../pane/pane.tsx';
import { ANN, BOB } from '../../pane/person.ts';
import { PageIntro } from '../../shell/page-intro.tsx';
import { BidDesk } from './bid-desk.tsx';

/** Two people who bid against each other. */
export default function BidsPage() {
  return (
    <div className="domain">
      <PageIntro title="Bids">
        Two people bid for the calls of a campaign. A bid shows at once; one that is not higher than
        the highest is rejected by the server, rolled back, and the form shows the reason.
      </PageIntro>
      <div className="pair">
        <Pane person={ANN}>
          <BidDesk />
        </Pane>
        <Pane person={BOB}>
          <BidDesk />
        </Pane>
      </div>
    </div>
  );
}
