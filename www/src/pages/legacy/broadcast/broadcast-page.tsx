import { useState } from 'react';
import { configureLegacy, type LegacyNotice } from 'tidewire/legacy';
import { OlderFrame } from '../older-frame.tsx';
import { supabaseApp } from '../supabase-session.ts';
import { BroadcastNotes } from './broadcast-notes.tsx';

/** The older hooks of interviews whose pages tell each other. */
export default function BroadcastPage() {
  const [notice, setNotice] = useState<LegacyNotice | null>(null);
  const prepare = async (): Promise<void> => {
    const { supabase, client, auth } = await supabaseApp();
    configureLegacy({ supabase, client, auth: () => auth, notify: setNotice });
  };
  return (
    <OlderFrame
      title="Broadcasts"
      prepare={prepare}
      intro={
        <>
          <code>useInterviewNotesBroadcast</code>, with the envelopes of before. A note has its real
          id on both pages once it is stored; one that is refused goes from both.
        </>
      }
    >
      {/* A live region has to be there before it speaks. */}
      <p className="older-line" role="status">
        {notice?.message}
      </p>
      <BroadcastNotes />
    </OlderFrame>
  );
}
