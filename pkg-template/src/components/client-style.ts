/** Inline styles that a strict Content-Security-Policy lets through. */
import { type CSSProperties, useSyncExternalStore } from 'react';

const subscribe = () => () => {};

/**
 * The style on a page; none in server-rendered HTML and while it is hydrated. There it would be a `style` attribute, which
 * `style-src 'self'` forbids; what React sets on an element that exists is allowed.
 */
export const useClientStyle = (style: CSSProperties | undefined): CSSProperties | undefined =>
  useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  )
    ? style
    : undefined;
