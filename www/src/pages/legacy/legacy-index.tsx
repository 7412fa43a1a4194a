import { Link } from 'wouter';
import { PageIntro } from '../../shell/page-intro.tsx';
import { LEGACY_PAGES } from './legacy-pages.ts';
import './legacy.css';

/** Links to the legacy systems. */
export function LegacyIndex() {
  return (
    <div className="domain">
      <PageIntro title="Legacy hooks">
        Five legacy systems, their code as their own documentation shows it: only the import
        differs. All of it runs on one client and one socket.
      </PageIntro>
      <ul className="legacy-list">
        {LEGACY_PAGES.map(({ name, path, entry, about }) => (
          <li key={path} className="panel legacy-card">
            <h2>
              <Link href={path}>{name}</Link>
            </h2>
            <p>{about}</p>
            <code>{entry}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
