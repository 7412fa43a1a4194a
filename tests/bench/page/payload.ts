/** Payloads of about a given size, each with its own content. */
import type { Payload } from '../libraries/library.js';

/** The bytes of JSON that one entry has. */
const ENTRY_BYTES = 100;
const HEAD_BYTES = 60;

const WORDS = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heath'];

const word = (seed: number): string => WORDS[seed % WORDS.length] ?? '';

/** Objects of several types in a list, as an app would send them. */
export function payloadOf(n: number, bytes: number): Payload {
  const entries = Math.max(1, Math.round((bytes - HEAD_BYTES) / ENTRY_BYTES));
  return {
    n,
    author: `${word(n)} ${word(n >> 3)}`,
    at: 1_700_000_000_000 + n,
    items: Array.from({ length: entries }, (_, at) => ({
      id: n * 64 + at,
      title: `${word(n + at)} ${word(at)} ${n}`,
      price: (n + at) / 8,
      isOpen: (n + at) % 3 === 0,
      tags: [word(n + at + 1), word(at + 2)],
    })),
  } as Payload;
}

/** The name of a channel by its number. */
export const channelName = (number: number): string => `room-${number}`;

/** The channel of the n-th message: consecutive messages are never of adjacent channels, and all channels have equally many. */
export const channelOf = (n: number, channels: number): string =>
  channelName((n * 7919) % channels);

/** A channel of which every send is confirmed; realtime-js decides that for a whole channel. */
export const CONFIRMED = 'confirmed-room';
