import { Pane } from '../../pane/pane.tsx';
import { ANN, BOB, CLEO } from '../../pane/person.ts';
import { PageIntro } from '../../shell/page-intro.tsx';
import { Discussion } from './discussion.tsx';
import { Experts } from './experts.tsx';
import { Moderation } from './moderation.tsx';
import './community.css';

/** The bill that is discussed. */
const BILL = '1';

/** Two people who discuss a bill, and one who moderates. */
export default function CommunityPage() {
  return (
    <div className="domain">
      <PageIntro title="Community">
        Ann and Bob discuss a bill and vote on it; Cleo decides what is reported. What one does the
        others see at once, without reloading the page or the list.
      </PageIntro>
      <div className="pair">
        <Pane person={ANN}>
          <Discussion bill={BILL} />
        </Pane>
        <Pane person={BOB}>
          <Discussion bill={BILL} />
        </Pane>
      </div>
      <Pane person={CLEO}>
        <div className="pair">
          <Moderation />
          <Experts />
        </div>
      </Pane>
    </div>
  );
}
