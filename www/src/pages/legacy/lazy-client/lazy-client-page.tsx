import { configureLegacy } from 'tidewire/legacy';
import { nativeSession } from '../native-session.ts';
import { OlderFrame } from '../older-frame.tsx';
import { LazyChat } from './lazy-chat.tsx';

async function prepare(): Promise<void> {
  const auth = await nativeSession();
  configureLegacy({ auth: () => auth });
}

/** The older lazy client. */
export default function LazyClientPage() {
  return (
    <OlderFrame
      title="Lazy client"
      prepare={prepare}
      intro={
        <>
          <code>realtimeClient</code> and <code>useRealtimeChannel</code>, which is no hook. The
          connection goes a second after the last subscription, and comes back with the next one:
          the older client was dead from then on.
        </>
      }
    >
      <LazyChat />
    </OlderFrame>
  );
}
