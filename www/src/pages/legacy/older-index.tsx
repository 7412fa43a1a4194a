import { Link } from 'wouter';
import { PageIntro } from '../../shell/page-intro.tsx';
import { OLDER_PAGES } from './older-pages.ts';
import './older.css';

/** The way to each older system. */
export function OlderIndex() {
  return (
    <div className="domain">
      <PageIntro title="Older hooks">
        Five older systems, their code as their own documentation shows it: only the import is
        another. All of it runs on one client and one socket.
      </PageIntro>
      <ul className="older-list">
        {OLDER_PAGES.map(({ name, place, entry, about }) => (
          <li key={place} className="panel older-card">
            <h2>
              <Link href={place}>{name}</Link>
            </h2>
            <p>{about}</p>
            <code>{entry}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
