/** Frames of servers with hostile values in every place of a value. */
import type { Random } from '../../support/random.js';
import type { Server } from './sockets.js';
import { hostileText } from './values.js';

/** The placeholder of a value. */
const HOLE = '§';

type Shape = (channel: string, server: Server, random: Random) => unknown;

const message = (channel: string, server: Server, members: object): object => {
  const seq = server.nextSequence(channel);
  return { type: 'channel_message', channel, id: `${channel}-${seq}`, epoch: 'e', seq, ...members };
};

const row: Shape = (channel, server, random) =>
  message(channel, server, {
    event: random.pick(['insert', 'update', 'update', 'delete']),
    payload: random.pick<object>([
      { row: { id: '1', n: HOLE } },
      { row: { id: '1', n: HOLE, m: HOLE }, mutation: HOLE },
      { row: { id: HOLE } },
      { row: HOLE },
      { key: HOLE },
      { row: HOLE, key: '1', mutation: HOLE },
    ]),
  });

const EXTENDED: readonly Shape[] = [
  row,
  row,
  row,
  (channel, server) => message(channel, server, { event: HOLE, payload: HOLE }),
  (channel, server) => message(channel, server, { event: 'chat', payload: HOLE, id: HOLE }),
  (channel) => ({ type: 'channel_message', channel, payload: HOLE, seq: HOLE, epoch: HOLE }),
  (channel) => ({ type: 'presence_state', channel, state: { a: [{ ref: '1', n: HOLE }] } }),
  (channel) => ({ type: 'presence_state', channel, state: { a: HOLE, b: [HOLE, { ref: HOLE }] } }),
  (channel) => ({ type: 'presence_state', channel, state: HOLE }),
  (channel) => ({
    type: 'presence_diff',
    channel,
    joins: { a: [{ ref: '2', n: HOLE }], c: HOLE },
    leaves: { b: HOLE },
  }),
  (channel) => ({ type: 'presence_diff', channel, joins: HOLE, leaves: HOLE }),
  (channel, { last }) => ({ type: 'presence_ok', channel, ref: last.reference, presence: HOLE }),
  (channel) => ({ type: 'presence_ok', channel, ref: HOLE, presence: HOLE, key: HOLE }),
  (channel, { last }) => ({ type: 'ack', channel, id: last.id, status: 'ok', payload: HOLE }),
  (channel, { last }) => ({ type: 'ack', channel, id: last.id, status: HOLE, seq: HOLE }),
  (channel) => ({ type: 'subscribed', channel, ref: HOLE, epoch: HOLE, seq: HOLE, head: HOLE }),
  (channel, { last }) => ({
    type: 'subscribed',
    channel,
    ref: last.reference,
    epoch: HOLE,
    seq: HOLE,
    recovered: HOLE,
    snapshot: HOLE,
  }),
  (channel) => ({ type: 'unsubscribed', channel, ref: HOLE, code: HOLE, message: HOLE }),
  (channel, { last }) => ({ type: 'recovered', channel, ref: last.reference, complete: HOLE }),
  (channel, { last }) => ({
    type: 'error',
    channel,
    ref: last.reference,
    code: HOLE,
    message: HOLE,
    retryAfterMs: HOLE,
  }),
  () => ({ type: 'error', message: HOLE }),
  () => ({ type: 'pong', heads: HOLE }),
  (channel) => ({ type: 'pong', heads: { [channel]: { epoch: HOLE, seq: HOLE } } }),
  (channel) => ({ type: 'ephemeral', channel, event: HOLE, payload: HOLE }),
  (channel) => ({
    type: 'ephemeral',
    channel,
    event: 'typing',
    payload: { who: HOLE, typing: HOLE },
  }),
  (channel) => ({ type: HOLE, channel, payload: HOLE }),
  () => ({ type: 'channel_message', channel: HOLE, payload: HOLE }),
  (channel, server, random) => [row(channel, server, random), HOLE, row(channel, server, random)],
  () => HOLE,
];

const BASE: readonly Shape[] = [
  (channel) => ({ type: 'channel_message', channel, payload: HOLE }),
  (channel) => ({ type: HOLE, channel, id: HOLE, seq: HOLE, event: HOLE }),
  (channel) => ({ channel, __proto_: HOLE, payload: HOLE }),
  () => ({ type: 'channel_message', channel: HOLE }),
  () => ({ type: 'channel_message', payload: HOLE }),
  () => ({ type: HOLE }),
  () => HOLE,
];

const PHOENIX: readonly Shape[] = [
  (channel, { last }) => [last.joinRef, null, channel, HOLE, HOLE],
  (channel, { last }) => [
    last.joinRef,
    last.reference,
    channel,
    'phx_reply',
    { status: 'ok', response: HOLE },
  ],
  (channel) => [HOLE, HOLE, channel, 'phx_reply', { status: HOLE, response: HOLE }],
  (channel) => [HOLE, HOLE, channel, 'phx_reply', HOLE],
  (channel) => [null, null, channel, 'chat', HOLE],
  (channel) => [null, null, channel, 'presence_state', HOLE],
  () => [HOLE, HOLE, HOLE, HOLE, HOLE],
  () => HOLE,
];

const topic = (channel: string): string => `realtime:${channel}`;

const change: Shape = (channel, _server, random) => [
  null,
  null,
  topic(channel),
  'postgres_changes',
  {
    ids: random.pick<unknown>([[1], HOLE, [1, 2]]),
    data: {
      type: random.pick(['INSERT', 'UPDATE', 'DELETE', HOLE]),
      schema: 'public',
      table: random.pick(['todos', HOLE]),
      commit_timestamp: HOLE,
      columns: random.pick<unknown>([
        HOLE,
        [
          { name: 'id', type: 'int8' },
          { name: 'n', type: 'jsonb' },
          { name: 'list', type: '_int4' },
        ],
      ]),
      record: random.pick<unknown>([{ id: 1, n: HOLE, list: HOLE }, HOLE, { id: HOLE }]),
      old_record: random.pick<unknown>([{ id: 1, n: HOLE }, HOLE]),
      errors: HOLE,
    },
  },
];

const SUPABASE: readonly Shape[] = [
  change,
  change,
  change,
  (channel) => [
    null,
    null,
    topic(channel),
    'broadcast',
    { type: 'broadcast', event: HOLE, payload: HOLE, meta: { id: HOLE, replayed: HOLE } },
  ],
  (channel, _server, random) => [
    null,
    null,
    topic(channel),
    'broadcast',
    { type: 'broadcast', event: random.pick(['insert', 'update']), payload: { row: HOLE } },
  ],
  (channel) => [
    null,
    null,
    topic(channel),
    'presence_state',
    { a: { metas: [{ phx_ref: '1', n: HOLE }] }, b: HOLE },
  ],
  (channel) => [
    null,
    null,
    topic(channel),
    'presence_diff',
    { joins: { a: { metas: [{ phx_ref: '2', n: HOLE }] } }, leaves: HOLE },
  ],
  (channel, { last }) => [
    last.joinRef,
    last.reference,
    topic(channel),
    'phx_reply',
    { status: HOLE, response: HOLE },
  ],
  (channel, { last }) => [
    last.joinRef,
    last.reference,
    topic(channel),
    'phx_reply',
    { status: 'ok', response: { postgres_changes: HOLE } },
  ],
  (channel) => [null, null, topic(channel), 'system', { status: HOLE, message: HOLE }],
  (channel) => [HOLE, HOLE, topic(channel), HOLE, HOLE],
  () => [HOLE, HOLE, HOLE, HOLE, HOLE],
  () => HOLE,
];

const SHAPES = { extended: EXTENDED, base: BASE, phoenix: PHOENIX, supabase: SUPABASE };

/** Returns a frame for a channel, and the number of hostile values in it. */
export function hostileFrame(
  random: Random,
  server: Server,
  channel: string,
): { data: string | ArrayBuffer; values: number } {
  if (random.next() < 0.02) {
    const bytes = Uint8Array.from({ length: random.below(64) }, () => random.below(256));
    return { data: bytes.buffer, values: 1 };
  }
  const shape = random.pick(SHAPES[server.kind])(channel, server, random);
  let values = 0;
  const data = JSON.stringify(shape).replaceAll(`"${HOLE}"`, () => {
    values += 1;
    return hostileText(random);
  });
  if (random.next() < 0.02) {
    return { data: data.slice(0, random.below(data.length)), values: values + 1 };
  }
  return { data, values };
}
