import type { Presence } from 'tidewire';
import { type Person, usePeople } from '../../hooks/use-people.ts';
import { useStore } from '../../hooks/use-store.ts';
import { identity } from '../../realtime/identity.ts';

interface Props {
  presence: Presence;
  labelledBy: string;
}

/** Who has the board open, this tab included. */
export function People({ presence, labelledBy }: Props) {
  const people = usePeople(presence);
  const me = useStore(identity);
  if (people.length === 0) return <p className="empty">Nobody is present yet.</p>;
  return (
    <ul className="people" aria-labelledby={labelledBy} data-testid="people">
      {people.map((person) => (
        <li
          key={person.name}
          className={person.away ? 'person away' : 'person'}
          data-testid="person"
          data-name={person.name}
          data-tabs={person.tabs}
          data-away={person.away}
        >
          <b>{person.name}</b> {about(person, person.name === me)}
        </li>
      ))}
    </ul>
  );
}

function about({ tabs, away }: Person, isMe: boolean): string {
  const facts = [isMe && 'you', tabs > 1 && `${tabs} tabs`, away && 'away'].filter(Boolean);
  return facts.length ? `(${facts.join(', ')})` : '';
}
