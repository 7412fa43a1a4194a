import { type ReactNode, useEffect, useRef } from 'react';
import { cameFromAnotherPage } from './arrival.ts';

interface Props {
  title: string;
  /** A description of the page in one or two sentences. */
  children: ReactNode;
  /** Content beside the title. */
  aside?: ReactNode;
}

/** The head of a page: its title, which receives the focus if another page was shown before. */
export function PageIntro({ title, children, aside }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – tidewire, live`;
    if (!cameFromAnotherPage()) return;
    scrollTo({ top: 0 });
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <div className="page-intro">
      <div className="page-intro-words">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p>{children}</p>
      </div>
      {aside}
    </div>
  );
}
