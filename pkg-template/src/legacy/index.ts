/**
 * The configuration that all families of legacy hooks share: `tidewire/legacy/interviews`,
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
