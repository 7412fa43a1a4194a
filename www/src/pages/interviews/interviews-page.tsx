import { Pane } from '../../pane/pane.tsx';
import { ANN, BOB } from '../../pane/person.ts';
import { PageIntro } from '../../shell/page-intro.tsx';
import { InterviewDesk } from './interview-desk.tsx';
import './interviews.css';

/** Two people at one interview. */
export default function InterviewsPage() {
  return (
    <div className="domain">
      <PageIntro title="Interviews">
        Two people write notes on one interview, each with a client of their own. A note shows at
        once and is marked until it is stored. The server rejects the word “forbidden”: that note is
        rolled back, and no other.
      </PageIntro>
      <div className="pair">
        <Pane person={ANN}>
          <InterviewDesk />
        </Pane>
        <Pane person={BOB}>
          <InterviewDesk />
        </Pane>
      </div>
    </div>
  );
}
