import { configureLegacy } from 'tidewire/legacy';
import { domainTopics, realTimeService } from 'tidewire/legacy/core-realtime';
import { LegacyFrame } from '../legacy-frame.tsx';
import { nativeSession } from '../native-session.ts';
import { BillTracker } from './bill-tracker.tsx';
import { CommunityDiscussion } from './community-discussion.tsx';
import { ConnectionState } from './connection-state.tsx';

async function prepare(): Promise<void> {
  const auth = await nativeSession();
  configureLegacy({ auth: () => auth, topics: domainTopics });
  await realTimeService.initialize(auth.session?.access_token);
}

/** The legacy civic module. */
export default function CivicPage() {
  return (
    <LegacyFrame
      title="Civic module"
      prepare={prepare}
      intro={
        <>
          <code>realTimeService</code>, <code>useBillTracking</code> and{' '}
          <code>useCommunityRealTime</code>. Updates, figures, typing and comments show as they
          come, without polling.
        </>
      }
    >
      <ConnectionState />
      <BillTracker billId={1} />
      <CommunityDiscussion billId={1} />
    </LegacyFrame>
  );
}
