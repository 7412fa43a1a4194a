/** The five legacy systems: their replacement entries, and the renames of their own guides. */
import { NAMES } from './names.js';

/**
 * @typedef {object} Entry
 * @property {string} entry the entry that replaces the module
 * @property {RegExp} [at] the paths it replaces; by default all of the family's
 *
 * @typedef {object} Family
 * @property {Entry[]} entries the first one that replaces the path and exports the name is used
 * @property {Record<string, string>} renames
 */

/** @type {Record<string, Family>} */
export const FAMILIES = {
  interviews: {
    entries: [{ entry: 'tidewire/legacy/interviews' }],
    renames: {
      useInterviews: 'useRealtimeInterviews',
      useInterview: 'useRealtimeInterview',
      useInterviewNotes: 'useRealtimeInterviewNotes',
      useInterviewPresence: 'useRealtimePresence',
    },
  },
  broadcast: {
    entries: [{ entry: 'tidewire/legacy/broadcast' }],
    renames: {
      RealtimeProvider: 'BroadcastRealtimeProvider',
      useRealtime: 'useBroadcastRealtime',
      useInterviews: 'useBroadcastInterviews',
      useInterview: 'useBroadcastInterview',
      useInterviewNotes: 'useBroadcastInterviewNotes',
      usePresence: 'useBroadcastPresence',
    },
  },
  'lazy-client': { entries: [{ entry: 'tidewire/legacy/lazy-client' }], renames: {} },
  'core-realtime': {
    entries: [
      {
        entry: 'tidewire/legacy/core-realtime/websocket/manager',
        at: /(^|\/)real-?time\/websocket\/manager$/,
      },
      {
        entry: 'tidewire/legacy/core-realtime/services/bill-tracking',
        at: /(^|\/)real-?time\/services\/bill-tracking$/,
      },
      { entry: 'tidewire/legacy/core-realtime/config', at: /(^|\/)real-?time\/config$/ },
      { entry: 'tidewire/legacy/core-realtime', at: /(^|\/)real-?time(\/|$)/ },
      // Elsewhere the same names are those of the earlier version.
      { entry: 'tidewire/legacy/core-realtime/v1' },
      { entry: 'tidewire/legacy/core-realtime' },
    ],
    renames: { useRealtimeEngagement: 'useRealTimeEngagement' },
  },
  'supabase-hooks': { entries: [{ entry: 'tidewire/legacy/supabase-hooks' }], renames: {} },
};

/**
 * Whether an entry exports a name. An entry given by `--map` is assumed to export all names.
 *
 * @param {string} entry
 * @param {string} name
 */
export function has(entry, name) {
  const names = NAMES[entry];
  return !names || names.values.includes(name) || names.types.includes(name);
}

/**
 * The new name, if a guide renamed it.
 *
 * @param {string} entry
 * @param {string} name
 * @returns {string | undefined}
 */
export function newNameOf(entry, name) {
  for (const { entries, renames } of Object.values(FAMILIES)) {
    if (entries.some((one) => one.entry === entry) && Object.hasOwn(renames, name))
      return renames[name];
  }
  return undefined;
}
