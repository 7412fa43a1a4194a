import { Pane } from '../../pane/pane.tsx';
import type { DemoPerson } from '../../pane/person.ts';
import { PageIntro } from '../../shell/page-intro.tsx';
import { Inbox } from './inbox.tsx';
import { Sender } from './sender.tsx';
import { Toasts } from './toasts.tsx';
import './notifications.css';

const ON_LAPTOP: DemoPerson = { id: 'ann', name: 'Ann', part: 'on a laptop' };
const ON_PHONE: DemoPerson = { id: 'ann', name: 'Ann', part: 'on a phone' };

/** One user's notifications, on two devices. */
export default function NotificationsPage() {
  return (
    <div className="domain">
      <PageIntro title="Notifications">
        One person with two devices: what is read on one is read on the other. What matters most
        comes first, errors and whatever is important stay until they are closed, and nobody else’s
        token opens this channel.
      </PageIntro>
      <div className="pair">
        <Pane person={ON_LAPTOP} testId="laptop">
          <Sender />
          <Inbox />
          <Toasts />
        </Pane>
        <Pane person={ON_PHONE} testId="phone">
          <Inbox />
        </Pane>
      </div>
    </div>
  );
}
