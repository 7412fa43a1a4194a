/** The page of one library, with the functions that the scenarios measure. */
import { library } from 'library-under-test';
import { library as baseline } from '../libraries/baseline.js';
import { type Confirmation, Side } from './side.js';

export type { Confirmation };

/** The compared sides. */
export type SideName = 'baseline' | 'library';

let sides: Record<SideName, Side> | undefined;

function side(name: SideName): Side {
  if (!sides) throw Error('The sides are not connected.');
  return sides[name];
}

export const bench = {
  /** Connects both sides to a fake socket each. */
  async connect(channels: number): Promise<void> {
    sides = {
      baseline: await Side.connect(baseline, channels),
      library: await Side.connect(library, channels),
    };
  },

  /** Makes so many messages of about this size, spread over all channels. */
  makeMessages(name: SideName, count: number, bytes: number): void {
    side(name).makeMessages(count, bytes);
    globalThis.gc?.();
  },

  /** Receives the messages. */
  deliver: (name: SideName): Promise<void> => side(name).deliver(),

  /** Makes so many payloads of about this size. */
  makePayloads(name: SideName, count: number, bytes: number): void {
    side(name).makePayloads(count, bytes);
    globalThis.gc?.();
  },

  /** Sends the payloads. */
  send: (name: SideName, confirmation: Confirmation): Promise<void> =>
    side(name).send(confirmation),

  /** Makes the server reply. */
  answer: (name: SideName): Promise<void> => side(name).answer(),

  /** Whether the library can confirm a send. */
  confirms: (): boolean => !!side('library').client.sendConfirmed,
};

export type Bench = typeof bench;

Object.assign(globalThis, { bench });
