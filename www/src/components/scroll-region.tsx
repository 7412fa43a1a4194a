import type { ReactNode } from 'react';

interface Props {
  className: string;
  label: string;
  children: ReactNode;
}

/** A part that scrolls by itself, which the keyboard can reach for that. */
export function ScrollRegion({ className, label, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard could not scroll
    <section className={className} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
