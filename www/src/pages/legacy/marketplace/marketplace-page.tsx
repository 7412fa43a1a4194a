import { configureLegacy } from 'tidewire/legacy';
import { LegacyFrame } from '../legacy-frame.tsx';
import { supabaseApp } from '../supabase-session.ts';
import { Marketplace } from './marketplace.tsx';

async function prepare(): Promise<void> {
  const { supabase, client, auth } = await supabaseApp();
  configureLegacy({ supabase, client, auth: () => auth });
}

/** The legacy hooks of the call marketplace. */
export default function MarketplacePage() {
  return (
    <LegacyFrame
      title="Call marketplace"
      prepare={prepare}
      intro={
        <>
          <code>CallTracker</code>, the hooks for calls and statistics, and the toasts. The tracker
          begins with the existing calls and shows only its campaign’s, each once.
        </>
      }
    >
      <Marketplace />
    </LegacyFrame>
  );
}
