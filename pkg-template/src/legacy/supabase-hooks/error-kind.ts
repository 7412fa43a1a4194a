/** Returns the kind of an error, by its message. */

/** The kinds of errors that a boundary distinguishes. */
export type RealtimeErrorKind = 'websocket' | 'timeout' | 'connection' | 'data_sync' | 'unknown';

/** The first that fits counts. */
const PATTERNS: readonly (readonly [RealtimeErrorKind, RegExp])[] = [
  ['websocket', /web ?socket/i],
  ['timeout', /time(d )?[ -]?out/i],
  ['connection', /connect|network|offline/i],
  ['data_sync', /sync|data/i],
];

export const errorKindOf = ({ message }: Error): RealtimeErrorKind =>
  PATTERNS.find(([, pattern]) => pattern.test(message))?.[0] ?? 'unknown';
