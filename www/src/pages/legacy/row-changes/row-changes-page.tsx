import { configureLegacy } from 'tidewire/legacy';
import { LegacyFrame } from '../legacy-frame.tsx';
import { supabaseApp } from '../supabase-session.ts';
import { RowChanges } from './row-changes.tsx';

async function prepare(): Promise<void> {
  const { supabase, client, auth } = await supabaseApp();
  configureLegacy({ supabase, client, auth: () => auth });
}

/** The legacy hooks of interviews that follow rows. */
export default function RowChangesPage() {
  return (
    <LegacyFrame
      title="Row changes"
      prepare={prepare}
      intro={
        <>
          <code>InterviewRealtimeWrapper</code> and its hooks, on supabase-js. Changes of the tables
          show live, which they never did; notes show at once and are rolled back if rejected.
        </>
      }
    >
      <RowChanges />
    </LegacyFrame>
  );
}
