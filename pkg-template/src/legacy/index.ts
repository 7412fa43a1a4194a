/**
 * What the older hooks need of an app, given once for all of their families: `tidewire/legacy/interviews`,
 * `…/broadcast`, `…/lazy-client`, `…/core-realtime` and `…/supabase-hooks`.
 *
 * @packageDocumentation
 */
export type { LegacyAuth, LegacyAuthSource } from './auth.js';
export {
  configureLegacy,
  type LegacyConfig,
  type LegacyEnvironment,
  type LegacyNotice,
  type LegacyOptions,
  type LegacySupabase,
  legacyConfig,
} from './configure.js';
export type { LegacyRows, LegacyWhere } from './rows.js';
