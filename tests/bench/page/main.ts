/** The page of one library: everything that is measured in it, for the program that drives the browser. */
import { library } from 'library-under-test';
import { library as floor } from '../libraries/floor.js';
import type { Payload } from '../libraries/library.js';
import { CONFIRMED, channelName } from './payload.js';
import { Side } from './side.js';

/** Milliseconds of the floor and of the library, measured in the order floor, library, library, floor. */
export interface Bracket {
  floorMs: number;
  libraryMs: number;
}

/** How a library sends. */
export type Confirmation = 'unconfirmed' | 'confirmed';

let sides: { floor: Side; library: Side } | undefined;

const both = () => {
  if (!sides) throw Error('The sides are not connected.');
  return sides;
};

/** Measures both sides in the order A B B A, so that a drift of the machine meets both alike. */
async function bracket(measure: (side: Side) => Promise<number>): Promise<Bracket> {
  const { floor, library } = both();
  const measured = async (side: Side) => {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve));
    return measure(side);
  };
  let floorMs = await measured(floor);
  const libraryMs = (await measured(library)) + (await measured(library));
  floorMs += await measured(floor);
  return { floorMs, libraryMs };
}

/** How a side sends one message; a library that cannot confirm sends without. */
function sender({ client }: Side, confirmation: Confirmation): (payload: Payload) => unknown {
  if (confirmation === 'unconfirmed') return (payload) => client.send(channelName(0), payload);
  const confirmed = client.sendConfirmed ?? client.send;
  return (payload) => confirmed.call(client, CONFIRMED, payload);
}

let prepared: { side: Side; events: MessageEvent[] } | undefined;

export const bench = {
  /** Connects both sides to a fake socket each. */
  async connect(channels: number): Promise<void> {
    sides = {
      floor: await Side.connect(floor, channels),
      library: await Side.connect(library, channels),
    };
  },

  /** Receives so many messages of about this size, spread over all channels. */
  receive(count: number, bytes: number): Promise<Bracket> {
    return bracket((side) => {
      const events = side.events(count, bytes);
      globalThis.gc?.();
      return side.receive(events);
    });
  },

  /** Sends so many messages. */
  send(count: number, bytes: number, confirmation: Confirmation): Promise<Bracket> {
    return bracket((side) => side.send(side.payloads(count, bytes), sender(side, confirmation)));
  },

  /** Makes messages for one side, to be delivered by {@link deliver}. */
  prepare(side: 'floor' | 'library', count: number, bytes: number): void {
    prepared = { side: both()[side], events: both()[side].events(count, bytes) };
  },

  /** Delivers what was prepared. */
  async deliver(): Promise<void> {
    if (!prepared) throw Error('Nothing is prepared.');
    const { side, events } = prepared;
    await side.receive(events);
  },

  /** Sends so many messages by the library, each of which the server answers. */
  async sendByLibrary(count: number, bytes: number, confirmation: Confirmation): Promise<void> {
    const { library } = both();
    await library.send(library.payloads(count, bytes), sender(library, confirmation));
  },

  /** Whether the library can confirm a send. */
  confirms(): boolean {
    return !!both().library.client.sendConfirmed;
  },
};

export type Bench = typeof bench;

Object.assign(globalThis, { bench });
