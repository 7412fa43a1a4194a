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
  /** Tells two panes of one person apart. Default: the person's id. */
  testId?: string;
}

/** One person's side of a page, with a client and a connection of its own. */
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
