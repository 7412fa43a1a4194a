/**
 * Domain services: typed functions for an app's channels and their rows, built on the public API of the client.
 *
 * @packageDocumentation
 */
export * from './bids.js';
export * from './bills.js';
export * from './calls.js';
export * from './community.js';
export { defineService } from './define.js';
export {
  type ChannelEntry,
  channel,
  type Definition,
  type EventNames,
  type Id,
  type RowEvents,
  type Rows,
  type RowsTable,
  rows,
} from './definition.js';
export type { HttpOptions } from './http.js';
export * from './interviews.js';
export * from './notifications.js';
export type { Person, Profile } from './people.js';
export { reference } from './reference.js';
export { rest } from './rest.js';
export type {
  ChannelOf,
  ChannelsOf,
  CollectionPlace,
  PresenceOf,
  Room,
  RowsOf,
  Service,
  ServiceClient,
  ServiceFactory,
  ServiceOptions,
} from './service.js';
export type { Place, Source, SourceOptions, StoringOptions } from './source.js';
export { SourceError } from './source-error.js';
export type { Changeable, StoredRow } from './stored-row.js';
export { fromSupabase, type SupabaseSourceOptions, type SupabaseTables } from './supabase.js';
