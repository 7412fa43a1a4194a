/** The page of one library: what is measured in it, for the program that drives the browser. */
import { library } from 'library-under-test';
import { library as floor } from '../libraries/floor.js';
import { type Confirmation, Side } from './side.js';

export type { Confirmation };

/** The two that are compared. */
export type SideName = 'floor' | 'library';

let sides: Record<SideName, Side> | undefined;

function side(name: SideName): Side {
  if (!sides) throw Error('The sides are not connected.');
  return sides[name];
}

export const bench = {
  /** Connects both sides to a fake socket each. */
  async connect(channels: number): Promise<void> {
    sides = {
      floor: await Side.connect(floor, channels),
      library: await Side.connect(library, channels),
    };
  },

  /** Makes so many messages of about this size, spread over all channels. */
  makeMessages(name: SideName, count: number, bytes: number): void {
    side(name).makeMessages(count, bytes);
    globalThis.gc?.();
  },

  /** Receives what was made. */
  deliver: (name: SideName): Promise<void> => side(name).deliver(),

  /** Makes so many payloads of about this size. */
  makePayloads(name: SideName, count: number, bytes: number): void {
    side(name).makePayloads(count, bytes);
    globalThis.gc?.();
  },

  /** Sends what was made. */
  send: (name: SideName, confirmation: Confirmation): Promise<void> =>
    side(name).send(confirmation),

  /** Lets the server answer. */
  answer: (name: SideName): Promise<void> => side(name).answer(),

  /** Whether the library can confirm a send. */
  confirms: (): boolean => !!side('library').client.sendConfirmed,
};

export type Bench = typeof bench;

Object.assign(globalThis, { bench });
