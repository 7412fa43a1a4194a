/**
 * The pages of the demo. Each is a separate chunk that is loaded when it is first shown, except for the first page.
 */
import { type ComponentType, lazy } from 'react';
import Home from './home/home.tsx';

/** A page and its path. */
export interface PageEntry {
  /** Its name in the navigation. */
  readonly name: string;
  /** Its path without parameters. */
  readonly path: string;
  /** Its path with parameters, as the router matches it. */
  readonly pattern: string;
  readonly Page: ComponentType;
}

type Load = () => Promise<{ default: ComponentType }>;

const page = (name: string, path: string, load: Load, parameter = ''): PageEntry => ({
  name,
  path,
  pattern: path + parameter,
  Page: lazy(load),
});

/** All pages, in the order of the navigation. */
export const PAGES: readonly PageEntry[] = [
  { name: 'Connection', path: '/', pattern: '/', Page: Home },
  page('Interviews', '/interviews', () => import('./interviews/interviews-page.tsx')),
  page('Bills', '/bills', () => import('./bills/bills-page.tsx'), '/:bill?'),
  page('Community', '/community', () => import('./community/community-page.tsx')),
  page('Notifications', '/notifications', () => import('./notifications/notifications-page.tsx')),
  page('Calls', '/calls', () => import('./calls/calls-page.tsx'), '/:campaign?'),
  page('Bids', '/bids', () => import('./bids/bids-page.tsx')),
  page('Components', '/components', () => import('./components/components-page.tsx')),
  page('Legacy hooks', '/legacy', () => import('./legacy/legacy-page.tsx'), '/:system?'),
];
