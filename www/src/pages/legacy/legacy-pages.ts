/** The legacy systems, each with a page of its own. */

/** One legacy system. */
export interface LegacyEntry {
  /** Its name in the demo. */
  readonly name: string;
  readonly path: string;
  /** The entry that its imports are moved to. */
  readonly entry: string;
  /** A description in one sentence. */
  readonly about: string;
}

/** All legacy systems. */
export const LEGACY_PAGES = [
  {
    name: 'Row changes',
    path: '/legacy/interviews',
    entry: 'tidewire/legacy/interviews',
    about: 'Interviews that followed the rows of a Supabase database.',
  },
  {
    name: 'Broadcasts',
    path: '/legacy/broadcast',
    entry: 'tidewire/legacy/broadcast',
    about: 'Interviews whose pages sent each other broadcasts of Supabase.',
  },
  {
    name: 'Lazy client',
    path: '/legacy/lazy-client',
    entry: 'tidewire/legacy/lazy-client',
    about: 'A WebSocket that was open only while there were subscribers.',
  },
  {
    name: 'Civic module',
    path: '/legacy/core-realtime',
    entry: 'tidewire/legacy/core-realtime',
    about: 'Bills, discussions and notifications behind one service.',
  },
  {
    name: 'Call marketplace',
    path: '/legacy/supabase-hooks',
    entry: 'tidewire/legacy/supabase-hooks',
    about: 'Calls, statistics and toasts on the tables of Supabase.',
  },
] as const satisfies readonly LegacyEntry[];

/** The path of a legacy page. */
export type LegacyPath = (typeof LEGACY_PAGES)[number]['path'];
