import { configureLegacy } from 'tidewire/legacy';
import { LegacyFrame } from '../legacy-frame.tsx';
import { nativeSession } from '../native-session.ts';
import { LazyChat } from './lazy-chat.tsx';

async function prepare(): Promise<void> {
  const auth = await nativeSession();
  configureLegacy({ auth: () => auth });
}

/** The legacy lazy client. */
export default function LazyClientPage() {
  return (
    <LegacyFrame
      title="Lazy client"
      prepare={prepare}
      intro={
        <>
          <code>realtimeClient</code> and <code>useRealtimeChannel</code>, which is no hook. The
          connection closes a second after the last subscription ends, and reopens with the next
          one: the legacy client never reconnected.
        </>
      }
    >
      <LazyChat />
    </LegacyFrame>
  );
}
