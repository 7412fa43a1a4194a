import { useEffect, useId, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { PAGES, type PageEntry } from '../pages/pages.ts';

/** The first part of a location, which identifies a page. */
const sectionOf = (location: string): string => `/${location.split('/')[1] ?? ''}`;

/** Links to all pages: a row, or behind a button on narrow screens. */
export function Navigation() {
  const [location] = useLocation();
  const [isOpen, setOpen] = useState(false);
  const list = useId();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const close = ({ key }: KeyboardEvent): void => {
      if (key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, [isOpen]);

  const isCurrent = ({ path }: PageEntry): boolean => path === sectionOf(location);
  return (
    <nav className="pages" aria-label="Pages">
      <button
        ref={button}
        type="button"
        className="button pages-button"
        aria-expanded={isOpen}
        aria-controls={list}
        onClick={() => setOpen(!isOpen)}
      >
        <span className="visually-hidden">Pages, now: </span>
        {PAGES.find(isCurrent)?.name ?? 'Pages'}
      </button>
      <ul id={list} className={isOpen ? 'pages-list open' : 'pages-list'}>
        {PAGES.map((page) => (
          <li key={page.path}>
            <Link
              href={page.path}
              aria-current={isCurrent(page) ? 'page' : undefined}
              onClick={() => setOpen(false)}
            >
              {page.name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
