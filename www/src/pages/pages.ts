/**
 * The pages of the demo. Each is a chunk of its own, loaded when it is first shown, but for the first: whoever
 * opens the demo is there at once.
 */
import { type ComponentType, lazy } from 'react';
import Home from './home/home.tsx';

/** A page and where it is. */
export interface PageEntry {
  /** What it is called in the navigation. */
  readonly name: string;
  /** Its location without what may follow. */
  readonly place: string;
  /** Its location as the router matches it. */
  readonly pattern: string;
  readonly Page: ComponentType;
}

type Load = () => Promise<{ default: ComponentType }>;

const page = (name: string, place: string, load: Load, parameter = ''): PageEntry => ({
  name,
  place,
  pattern: place + parameter,
  Page: lazy(load),
});

/** All of them, in the order of the navigation. */
export const PAGES: readonly PageEntry[] = [
  { name: 'Connection', place: '/', pattern: '/', Page: Home },
  page('Interviews', '/interviews', () => import('./interviews/interviews-page.tsx')),
  page('Bills', '/bills', () => import('./bills/bills-page.tsx'), '/:bill?'),
  page('Community', '/community', () => import('./community/community-page.tsx')),
  page('Notifications', '/notifications', () => import('./notifications/notifications-page.tsx')),
  page('Calls', '/calls', () => import('./calls/calls-page.tsx'), '/:campaign?'),
  page('Bids', '/bids', () => import('./bids/bids-page.tsx')),
  page('Components', '/components', () => import('./components/components-page.tsx')),
  page('Legacy hooks', '/older', () => import('./legacy/legacy-page.tsx'), '/:system?'),
];
