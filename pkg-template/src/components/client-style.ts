/** Inline styles that a strict Content-Security-Policy allows. */
import { type CSSProperties, useSyncExternalStore } from 'react';

const subscribe = () => () => {};

/**
 * Returns the style in the browser; `undefined` in server-rendered HTML and during hydration. There it would be a `style`
 * attribute, which `style-src 'self'` forbids; styles that React sets on existing elements are allowed.
 */
export const useClientStyle = (style: CSSProperties | undefined): CSSProperties | undefined =>
  useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  )
    ? style
    : undefined;
