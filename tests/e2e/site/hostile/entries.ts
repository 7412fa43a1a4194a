/** The entries through which an app passes values, each called with hostile ones. */
import type { Channel, Collection, RealtimeClient } from 'tidewire';
import * as tidewire from 'tidewire';
import type { Random } from '../../support/random.js';
import { SERVERS, type ServerKind } from './sockets.js';
import { hostileFunction, hostileValue } from './values.js';

/** The channel on which a batch works; another one, the canary, is checked afterwards. */
export interface Target {
  kind: ServerKind;
  client: RealtimeClient;
  name: string;
  handle: Channel;
  /** Whether its keys are computed by a function of the app, which may throw when the app inserts. */
  isKeyed: boolean;
  collection: Collection<object>;
  release(): void;
}

/** The address of a server. */
export const addressOf = (kind: ServerKind): string =>
  kind === 'supabase' ? 'http://supabase' : `ws://${kind}/`;

/** Valid options of a client for a server. */
export function optionsFor(kind: ServerKind): tidewire.ClientOptions {
  const protocol = kind === 'extended' || kind === 'base' ? 'tidewire' : kind;
  return {
    url: addressOf(kind),
    protocol,
    ...(kind === 'supabase' && { apiKey: 'key' }),
    lingerMs: 0,
    batchMs: 5,
    ackTimeoutMs: 500,
    joinTimeoutMs: 500,
    reconnect: { baseMs: 1, maxMs: 10 },
    rejoin: 50,
  };
}

/** Opens a channel with every kind of listener and callback, which return hostile values. */
export function openTarget(
  random: Random,
  kind: ServerKind,
  client: RealtimeClient,
  name: string,
): Target {
  const answer = (
    share: number,
    good: () => unknown,
    later: 'now' | 'later' = 'now',
  ): (() => never) => {
    const hostile = hostileFunction(random, later);
    return () => (random.next() < share ? hostile() : good()) as never;
  };
  const supabase = kind === 'supabase' && {
    postgresChanges: [{ event: '*', schema: 'public', table: 'todos' } as never],
    presence: true,
  };
  const noise = answer(0.2, () => undefined);
  const options = {
    ...supabase,
    ...(kind === 'base' && { dedupKey: answer(0.7, () => `${random.below(1e9)}`) }),
    onError: noise,
    onGap: noise,
  };
  const stop = client.subscribe(name, options as never, noise);
  const handle = client.channel(name, options as never);
  handle.on('*', noise);
  handle.presence.on('sync', noise);
  handle.presence.on('join', noise);
  handle.presence.on('update', noise);
  const isKeyed = random.next() < 0.3;
  const collection = client.collection<object>(name, {
    ...options,
    load: answer(0.4, () => [{ id: '1', n: 1 }, { id: '2' }, hostileRow(random)], 'later'),
    ...(random.next() < 0.4 && { persist: answer(0.6, () => ({ id: '1', n: 2 }), 'later') }),
    ...(isKeyed && { key: answer(0.3, () => `${random.below(3)}`) }),
    ...(random.next() < 0.3 && { sort: answer(0.3, () => 0) }),
    ...(random.next() < 0.7 && { conflict: answer(0.5, () => ({ id: '1', n: 3 })) }),
    ...(random.next() < 0.2 && { version: 'n' }),
    ...(random.next() < 0.2 && { limit: 2 }),
  } as never);
  collection.on('change', noise);
  return {
    kind,
    client,
    name,
    handle,
    isKeyed,
    collection,
    release() {
      stop();
      handle.release();
      collection.release();
    },
  };
}

/** A row whose key is good. */
function hostileRow(random: Random): object {
  return { id: '3', n: hostileValue(random) };
}

/** Returns options of which some are hostile. */
function hostileOptions(random: Random, names: readonly string[]): object {
  const options: Record<string, unknown> = {};
  for (const name of names) {
    if (random.next() < 0.3) {
      const later = LATER.includes(name) ? 'later' : 'now';
      options[name] = random.next() < 0.5 ? hostileValue(random) : hostileFunction(random, later);
    }
  }
  return random.next() < 0.1 ? (hostileValue(random) as object) : options;
}

/** Options whose functions may return promises. */
const LATER = ['url', 'getToken', 'load', 'persist'];
const SEND = ['ack', 'event', 'timeoutMs', 'ttlMs', 'ephemeral'];
const CHANNEL = ['persistent', 'idleTtlMs', 'params', 'dedupKey', 'onError', 'onGap'];
const SUPABASE = ['presence', 'broadcast', 'postgresChanges', 'private'];
const COLLECTION = ['key', 'load', 'persist', 'events', 'conflict', 'version', 'sort', 'limit'];
const CLIENT = [
  'url',
  'protocol',
  'getToken',
  'auth',
  'params',
  'protocols',
  'heartbeat',
  'reconnect',
  'visibility',
  'queue',
  'refresh',
  'identity',
  'dedup',
  'maxChannels',
  'exactNumbers',
  'logger',
  'vsn',
];

/** Returns the members, or none if reading them throws: here it is the page that reads them, not the client. */
function membersOf(options: object): object {
  try {
    return { ...options };
  } catch {
    return {};
  }
}

/** A short-lived client with hostile options, tokens and addresses. */
function unrelated(random: Random): void {
  const kind = random.pick(SERVERS);
  const made: RealtimeClient = tidewire.createRealtimeClient({
    ...optionsFor(kind),
    ...(random.next() < 0.5
      ? { getToken: hostileFunction(random, 'later') as never, url: addressOf(kind) }
      : { url: hostileFunction(random, 'later') as never }),
    ...(random.next() < 0.3 && membersOf(hostileOptions(random, CLIENT))),
  } as never);
  try {
    made.on('error', () => {});
    const client = made as unknown as Record<string, (...values: unknown[]) => unknown>;
    client.subscribe?.('other', {});
    client.connect?.();
    if (random.next() < 0.5) client.setToken?.(hostileValue(random));
    if (random.next() < 0.5) client.configure?.(hostileOptions(random, CLIENT));
    client.send?.('other', 1);
  } finally {
    setTimeout(() => made.destroy(), random.below(20));
  }
}

type Entry = (random: Random, target: Target) => unknown;

/** The entries by name; each passes at least one value. */
export const ENTRIES: Record<string, Entry> = {
  send: (random, { client, name }) => client.send(name, hostileValue(random)),
  'send with options': (random, { client, name }) =>
    client.send(name, 1, hostileOptions(random, SEND) as never),
  'send an event': (random, { handle }) =>
    handle.send(hostileValue(random) as string, hostileValue(random)),
  insert: (random, { collection }) => collection.insert(hostileValue(random) as object),
  'insert a row': (random, { collection }) => collection.insert(hostileRow(random)),
  update: (random, { collection }) => collection.update('1', hostileValue(random) as object),
  'update by key': (random, { collection }) =>
    collection.update(hostileValue(random) as string, { n: 1 }),
  'update with a valid row': (random, { collection }) =>
    collection.update('1', { n: random.next() }),
  remove: (random, { collection }) => collection.remove(hostileValue(random) as string),
  reload: (_random, { collection }) => collection.reload(),
  track: (random, { handle }) => handle.presence.track(hostileValue(random) as object),
  'track by key': (random, { handle }) =>
    handle.presence.track({ n: 1 }, { key: hostileValue(random) as string }),
  'update of presence': (random, { handle }) =>
    handle.presence.update(hostileValue(random) as object),
  'options of a channel': (random, { client, name, kind }) => {
    const names = kind === 'supabase' ? [...CHANNEL, ...SUPABASE] : CHANNEL;
    const options = hostileOptions(random, names) as never;
    client.subscribe(`${name}-options`, options, () => {})();
  },
  'options of a collection': (random, { client, name }) => {
    const options = hostileOptions(random, [...COLLECTION, ...CHANNEL]) as never;
    const other = client.collection(`${name}-options`, options);
    setTimeout(() => other.release(), 5);
  },
  filter: (random, { handle }) =>
    handle.on('postgres_changes', hostileValue(random) as never, () => {})(),
  listener: (random, { client }) =>
    client.on(hostileValue(random) as never, hostileValue(random) as never)(),
  callback: (random, { client, name }) =>
    client.subscribe(name, {}, hostileValue(random) as never)(),
  name: (random, { client }) => client.subscribe(hostileValue(random) as string, {})(),
  'options of a client': (random) =>
    tidewire.createRealtimeClient(hostileOptions(random, CLIENT) as never).destroy(),
  'another client': (random) => unrelated(random),
};

/** The share of the calls of expensive entries that is skipped. */
export const RARE: Record<string, number> = { 'another client': 0.6, reload: 0.5 };
