import { useState } from 'react';
import { PageIntro } from '../../shell/page-intro.tsx';
import { EventLog } from './event-log.tsx';
import { FaultControls } from './fault-controls.tsx';
import { Feed } from './feed.tsx';
import type { Listening } from './listening.ts';
import { NameForm } from './name-form.tsx';
import { Notes } from './notes.tsx';
import { Numbers } from './numbers.tsx';
import { Room } from './room.tsx';
import { StatusBar } from './status-bar.tsx';
import './status.css';
import './feed.css';
import './notes.css';
import './room.css';
import './panels.css';

/** The connection, and how it behaves when it is cut, hidden or rejected. */
export default function Home() {
  const [listening, setListening] = useState<Listening>({
    list: false,
    counter: false,
    notes: false,
    room: false,
  });
  const listen = (changes: Partial<Listening>): void =>
    setListening((before) => ({ ...before, ...changes }));
  const listeners = Object.values(listening).filter(Boolean).length;

  return (
    <>
      <PageIntro title="One WebSocket for the whole page" aside={<NameForm />}>
        Open only while something needs it, reconnected when it breaks, and what you send arrives
        once.
      </PageIntro>
      <StatusBar listeners={listeners} />
      <div className="page">
        <Feed listening={listening} listen={listen} />
        <FaultControls onBoard={listening.notes} />
        <Notes open={listening.notes} onChange={(notes) => listen({ notes })} />
        <Room listening={listening.room} listen={(on) => listen({ room: on })} />
        <EventLog />
        <Numbers />
      </div>
      <footer className="page-foot">
        <p>
          Open this page in a second tab: it gets a name of its own, and both see the same feed, the
          same notes and the same room.
        </p>
      </footer>
    </>
  );
}
