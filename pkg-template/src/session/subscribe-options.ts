/** Converts options of channels to those of the engine. */
import type { ClientState } from '../client-state.js';
import type { CollectionOptions } from '../collection-types.js';
import type { ChannelOptions } from '../common-types.js';
import type { PostgresFilter } from '../postgres-types.js';
import { reporterOf } from '../reporter.js';
import { memberOf } from './engine-errors.js';

/** Removes undefined and null members: Supabase rejects null for an optional member. */
const present = (members: object): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value != null));

const filterOf = ({ event = '*', schema, table, filter, select }: PostgresFilter): object =>
  present({
    event,
    schema,
    table,
    filter: typeof filter === 'object' ? filter?.build() : filter,
    select,
  });

const presenceOf = (presence: NonNullable<ChannelOptions['presence']>): object =>
  typeof presence === 'object'
    ? { enabled: true, ...(presence.key && { key: presence.key }) }
    : { enabled: presence };

/**
 * Wraps `dedupKey` in a function that does not throw: without a key the message is
 * delivered. A key that is not a string is reported once as `invalid_argument`.
 */
function keyed(client: ClientState, dedupKey: NonNullable<ChannelOptions['dedupKey']>) {
  let isReported = false;
  return (message: unknown): string | undefined => {
    let key: unknown;
    client.call(() => {
      key = dedupKey(message);
      if (typeof key === 'string' || isReported) return;
      isReported = true;
      const error = client.makeError(
        'invalid_argument',
        'dedupKey must give a string.',
        'Messages without one are not compared with others.',
      );
      reporterOf(client).error(error, false);
    });
    return typeof key === 'string' ? key : undefined;
  };
}

/**
 * Returns the engine's options: without those that only the facade uses, and with Supabase's own in
 * `params`, by the names of its protocol.
 *
 * @throws RealtimeError `invalid_argument` if they are Supabase's and the protocol is not, if `params` is not plain
 * JSON, or if they cannot be read
 */
export function joinOptions(client: ClientState, options: CollectionOptions<object>): object {
  try {
    const { persistent, idleTtlMs, params, dedupKey } = readOptions(client, options);
    return {
      ...(persistent && { persistent: true }),
      // An object is not a time, and converting it may run the app's code: the engine rejects NaN.
      ...(idleTtlMs !== undefined && {
        idleTtlMs: typeof idleTtlMs === 'object' ? Number.NaN : idleTtlMs,
      }),
      ...(params && { params: JSON.parse(client.serialise(params, 'options.params')) }),
      ...(dedupKey && { dedupKey: keyed(client, dedupKey) }),
    };
  } catch (cause) {
    if (memberOf(cause, 'name') === 'RealtimeError') throw cause;
    throw client.makeError(
      'invalid_argument',
      "The channel's options cannot be read.",
      'Check the options.',
      { cause },
    );
  }
}

function readOptions(
  { options: { protocol }, makeError }: ClientState,
  options: CollectionOptions<object>,
): Pick<ChannelOptions, 'persistent' | 'idleTtlMs' | 'params' | 'dedupKey'> {
  const { key, load, persist, events, conflict, version, sort, limit, onError, onGap, ...channel } =
    options;
  const { broadcast, presence, postgresChanges, private: isPrivate, ...rest } = channel;
  const own = present({
    broadcast: broadcast && {
      ...present(broadcast),
      ...(broadcast.replay && { replay: present(broadcast.replay) }),
    },
    presence: presence == null ? presence : presenceOf(presence),
    postgres_changes: postgresChanges?.map(filterOf),
    private: isPrivate,
  });
  const [first] = Object.keys(own);
  if (!first) return rest;
  if (protocol !== 'supabase') {
    throw makeError(
      'invalid_argument',
      `The channel's option ${first.replace('postgres_changes', 'postgresChanges')} is for Supabase.`,
      "Leave it out, or set the client's option protocol to 'supabase'.",
    );
  }
  return { ...rest, params: { ...rest.params, ...own } };
}
