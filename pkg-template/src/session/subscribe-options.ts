/** What of the options concerns the engine, what of them goes into the join, and what follows for sends. */
import type { Ledger, Outgoing } from '../client-state.js';
import type { CollectionOptions } from '../collection-types.js';
import type { ChannelOptions } from '../common-types.js';
import type { PostgresFilter } from '../postgres-types.js';
import { reporterOf } from '../reporter.js';
import { memberOf } from './engine-errors.js';

/** Without what is undefined or null: Supabase refuses a null where a member may be left out. */
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
 * The function that gives messages their keys, of which nothing is thrown: without a key the message is
 * delivered. A key that is no string is reported once as `invalid_argument`.
 */
function keyed(ledger: Ledger, dedupKey: NonNullable<ChannelOptions['dedupKey']>) {
  let isReported = false;
  return (message: unknown): string | undefined => {
    let key: unknown;
    ledger.call(() => {
      key = dedupKey(message);
      if (typeof key === 'string' || isReported) return;
      isReported = true;
      const error = ledger.makeError(
        'invalid_argument',
        'dedupKey must give a string.',
        'Messages without one are not compared with others.',
      );
      reporterOf(ledger).error(error, false);
    });
    return typeof key === 'string' ? key : undefined;
  };
}

/**
 * The options as the engine takes them: without what stays in the facade, and with Supabase's own in
 * `params`, as the server names them.
 *
 * @throws RealtimeError `invalid_argument` if they are Supabase's and the server is not, if what is sent of them
 * is no plain JSON, or if they cannot be read
 */
export function joinOptions(ledger: Ledger, options: CollectionOptions<object>): object {
  try {
    const { persistent, idleTtlMs, params, dedupKey } = readOptions(ledger, options);
    return {
      ...(persistent && { persistent: true }),
      // An object is no time, and may be endless: the engine refuses NaN.
      ...(idleTtlMs !== undefined && {
        idleTtlMs: typeof idleTtlMs === 'object' ? Number.NaN : idleTtlMs,
      }),
      ...(params && { params: JSON.parse(ledger.serialise(params, 'options.params')) }),
      ...(dedupKey && { dedupKey: keyed(ledger, dedupKey) }),
    };
  } catch (cause) {
    if (memberOf(cause, 'name') === 'RealtimeError') throw cause;
    throw ledger.makeError(
      'invalid_argument',
      "The channel's options cannot be read.",
      'Check the options.',
      { cause },
    );
  }
}

function readOptions(
  { options: { protocol }, makeError }: Ledger,
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

/** Whether an answer is waited for, where the app does not say: many Phoenix servers answer nothing. */
export const asksAck = (
  { options: { protocol } }: Pick<Ledger, 'options'>,
  { options: { ack } }: Outgoing,
): boolean => ack ?? protocol !== 'phoenix';
