import { useState } from 'react';
import { configureLegacy, type LegacyNotice } from 'tidewire/legacy';
import { LegacyFrame } from '../legacy-frame.tsx';
import { supabaseApp } from '../supabase-session.ts';
import { BroadcastNotes } from './broadcast-notes.tsx';

/** The legacy hooks of interviews with broadcasts. */
export default function BroadcastPage() {
  const [notice, setNotice] = useState<LegacyNotice | null>(null);
  const prepare = async (): Promise<void> => {
    const { supabase, client, auth } = await supabaseApp();
    configureLegacy({ supabase, client, auth: () => auth, notify: setNotice });
  };
  return (
    <LegacyFrame
      title="Broadcasts"
      prepare={prepare}
      intro={
        <>
          <code>useInterviewNotesBroadcast</code>, with the former envelopes. A note has its real id
          on both pages once it is stored; a rejected one is removed from both.
        </>
      }
    >
      {/* A live region has to exist before its text changes. */}
      <p className="legacy-line" role="status">
        {notice?.message}
      </p>
      <BroadcastNotes />
    </LegacyFrame>
  );
}
