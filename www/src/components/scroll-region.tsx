import { type ReactNode, useLayoutEffect, useRef } from 'react';

interface Props {
  className: string;
  label: string;
  /** Scrolls to the end whenever this changes. */
  follow?: unknown;
  children: ReactNode;
}

/** A scrollable region that can be focused, so that the keyboard can scroll it. */
export function ScrollRegion({ className, label, follow, children }: Props) {
  const region = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (follow !== undefined) region.current?.scrollTo({ top: region.current.scrollHeight });
  }, [follow]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard could not scroll
    <section ref={region} className={className} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
