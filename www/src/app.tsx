import { useState } from 'react';
import { Feed } from './components/feed.tsx';
import { Header } from './components/header.tsx';
import { Journal } from './components/journal.tsx';
import { Notes } from './components/notes.tsx';
import { Numbers } from './components/numbers.tsx';
import { Room } from './components/room.tsx';
import { StatusBar } from './components/status-bar.tsx';
import { Trials } from './components/trials.tsx';

/** Which components of the page listen. */
export interface Listening {
  list: boolean;
  counter: boolean;
  notes: boolean;
  room: boolean;
}

/** The page. */
export function App() {
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
      <a className="skip" href="#main">
        Skip to the demonstration
      </a>
      <Header />
      <StatusBar listeners={listeners} />
      <main id="main" className="page" tabIndex={-1}>
        <Feed listening={listening} listen={listen} />
        <Trials onBoard={listening.notes} />
        <Notes open={listening.notes} onChange={(notes) => listen({ notes })} />
        <Room listening={listening.room} listen={(on) => listen({ room: on })} />
        <Journal />
        <Numbers />
      </main>
      <footer className="page-foot">
        <p>
          Open this page in a second tab: it gets a name of its own, and both see the same feed, the
          same notes and the same room.
        </p>
      </footer>
    </>
  );
}
