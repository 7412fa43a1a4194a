import { type ReactNode, useId } from 'react';
import { Link, useLocation } from 'wouter';
import { BOB } from '../../pane/person.ts';
import { PageIntro } from '../../shell/page-intro.tsx';
import { LEGACY_PAGES } from './legacy-pages.ts';
import { Prepared } from './prepared.tsx';
import { addressForBob, isFramed, visitor } from './visitor.ts';
import '../../pane/composer.css';
import '../../pane/figures.css';
import '../../pane/pane.css';
import './legacy.css';

interface Props {
  title: string;
  /** A description of the page. */
  intro: ReactNode;
  /** Signs in and calls `configureLegacy`. */
  prepare(): Promise<void>;
  /** The code of the legacy system. */
  children: ReactNode;
}

/** A page of a legacy system for the visitor, with the same page for a second user beside it. */
export function LegacyFrame({ title, intro, prepare, children }: Props) {
  const [location] = useLocation();
  const name = useId();
  const own = (
    <section className="panel pane" aria-labelledby={name} data-testid={`legacy-${visitor.id}`}>
      <div className="pane-head">
        <span className="pane-mark" aria-hidden="true">
          {visitor.name[0]}
        </span>
        <h2 id={name}>{visitor.name}</h2>
      </div>
      <Prepared prepare={prepare}>{children}</Prepared>
    </section>
  );
  if (isFramed) return own;
  return (
    <div className="domain">
      <PageIntro title={title}>{intro}</PageIntro>
      <nav aria-label="Legacy systems">
        <ul className="legacy-nav">
          {LEGACY_PAGES.map((page) => (
            <li key={page.path}>
              <Link href={page.path} aria-current={page.path === location ? 'page' : undefined}>
                {page.name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="pair legacy-pair">
        {own}
        <iframe
          className="legacy-other"
          title={`The same page, for ${BOB.name}`}
          src={addressForBob(location)}
        />
      </div>
    </div>
  );
}
