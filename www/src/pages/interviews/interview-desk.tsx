import { useMemo, useState } from 'react';
import { useCollection } from 'tidewire/react';
import { type Interview, interviews } from 'tidewire/services';
import { count } from '../../components/format.ts';
import { Picker } from '../../pane/picker.tsx';
import { useDemoSession } from '../../pane/use-demo-session.ts';
import { InterviewRoom } from './interview-room.tsx';
import { Script } from './script.tsx';

/** The project whose interviews are shown. */
const PROJECT = '1';

const nameOf = ({ title, note_count: notes = 0 }: Interview): string =>
  `${title} (${count(notes, 'note')})`;

/** Chooses an interview, and shows it. */
export function InterviewDesk() {
  const { carried } = useDemoSession();
  const service = useMemo(() => interviews({ source: carried }), [carried]);
  const { items, isLoading, error } = useCollection(service.interviews.at(PROJECT));
  const [chosen, choose] = useState('interview-1');
  const interview = items.find(({ id }) => id === chosen) ?? items[0];
  if (!interview) {
    return <p className="empty">{error?.message ?? (isLoading ? 'Loading…' : 'No interviews.')}</p>;
  }
  return (
    <>
      <div className="part">
        <Picker
          label="Interview"
          rows={items}
          value={interview.id}
          nameOf={nameOf}
          onChange={choose}
        />
        <p className="interview-state">
          <span className="tag" data-testid="interview-status">
            {interview.status}
          </span>{' '}
          {interview.summary}
        </p>
        {interview.cleaned_script && <Script lines={interview.cleaned_script} />}
      </div>
      <InterviewRoom key={interview.id} service={service} interview={interview.id} />
    </>
  );
}
