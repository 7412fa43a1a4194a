/** Converts options of channels to those of the engine. */
import type { ClientState } from '../client-state.js';
import type { CollectionOptions } from '../collection-types.js';
import type { ChannelOptions } from '../common-types.js';
import { SessionText } from '../generated/engine.js';
import type { PostgresFilter } from '../postgres-types.js';
import { reporterOf } from '../reporter.js';
import { fromThrown, memberOf } from './engine-errors.js';

/** A filter for database changes, with the text that its builder returns and without unknown members. */
const filterOf = ({ event, schema, table, filter, select }: PostgresFilter): object => ({
  event,
  schema,
  table,
  filter: typeof filter === 'object' ? filter?.build() : filter,
  select,
});

/** The option `presence` without unknown members. An empty key is none: that of another subscriber is kept. */
const presenceOf = (presence: ChannelOptions['presence']): unknown =>
  presence && typeof presence === 'object' ? { key: presence.key || undefined } : presence;

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
        `${SessionText.NoDedupKey}.`,
        'Messages without one are not compared with others.',
      );
      reporterOf(client).error(error, false);
    });
    return typeof key === 'string' ? key : undefined;
  };
}

/**
 * Returns the options that the engine reads, as plain values. The engine decides which of them are part of the join.
 *
 * @throws RealtimeError `invalid_argument` if JSON cannot represent them, or if they cannot be read
 */
export function joinOptions(client: ClientState, options: CollectionOptions<object>): object {
  try {
    const { persistent, idleTtlMs, dedupKey, params, broadcast, presence, postgresChanges } =
      options;
    const values = {
      broadcast,
      presence: presenceOf(presence),
      postgresChanges: postgresChanges?.map(filterOf),
      private: options.private,
    };
    return {
      ...JSON.parse(client.serialise(values, 'options')),
      // Not with the others: their nesting is counted from `params` itself.
      ...(params && { params: JSON.parse(client.serialise(params, 'options.params')) }),
      ...(persistent && { persistent: true }),
      // An object is not a time, and converting it may run the app's code: the engine rejects NaN.
      ...(idleTtlMs !== undefined && {
        idleTtlMs: typeof idleTtlMs === 'object' ? Number.NaN : idleTtlMs,
      }),
      ...(dedupKey && { dedupKey: keyed(client, dedupKey) }),
    };
  } catch (cause) {
    throw memberOf(cause, 'name') === 'RealtimeError' ? cause : fromThrown(client, cause);
  }
}
