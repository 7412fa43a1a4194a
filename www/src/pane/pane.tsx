import { type ReactNode, useId, useState } from 'react';
import { ConnectionIndicator } from 'tidewire/components';
import { RealtimeProvider } from 'tidewire/react';
import 'tidewire/components.css';
import '../styles/components.css';
import './composer.css';
import './figures.css';
import './pane.css';
import { createDemoSession } from './demo-session.ts';
import type { DemoPerson } from './person.ts';
import { DemoSessionContext } from './use-demo-session.ts';

interface Props {
  person: DemoPerson;
  children: ReactNode;
  /** Distinguishes two panes of one user. Default: the user's id. */
  testId?: string;
}

/** One user's part of a page, with its own client and connection. */
export function Pane({ person, children, testId = person.id }: Props) {
  const [session] = useState(() => createDemoSession(person));
  const title = useId();
  return (
    <RealtimeProvider options={session.options}>
      <DemoSessionContext value={session}>
        <section className="panel pane" aria-labelledby={title} data-testid={`pane-${testId}`}>
          <div className="pane-head">
            <span className="pane-mark" aria-hidden="true">
              {person.name[0]}
            </span>
            <h2 id={title}>
              {person.name}
              {person.part && <span className="pane-part">, {person.part}</span>}
            </h2>
            <ConnectionIndicator />
          </div>
          {children}
        </section>
      </DemoSessionContext>
    </RealtimeProvider>
  );
}
