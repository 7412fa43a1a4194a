/** Scenarios, and how they are run with several libraries. */
import { describe, expect, it } from 'vitest';
import { eventually } from './inbox.js';
import type { Adapter, Peer, PeerOptions, Traits } from './peer.js';
import { Server, type ServerOptions } from './server.js';
import { Tap } from './tap.js';
import { token } from './tokens.js';
import { type Transcript, transcribe } from './transcript.js';

/** The server and the clients of a scenario. */
export interface Harness {
  server: Server;
  traits: Traits;
  /** Another client. */
  peer(options?: Partial<PeerOptions>): Peer;
  /** The codes with which the sockets of the first client were closed. */
  closes(): readonly number[];
}

export interface Scenario {
  /** How the server is started. */
  server?: ServerOptions;
  /**
   * Whether all frames are compared between libraries, or none because they may differ, for example in the number of
   * attempts.
   */
  frames: 'same' | 'free';
  play(harness: Harness): Promise<void>;
}

/** Scenarios by name. */
export type Table = Record<string, Scenario>;

/** Intervals that should not elapse within a test. */
const DEFAULTS = { vsn: '2.0.0', heartbeatMs: 5_000, timeoutMs: 2_000 } as const;

/**
 * Runs each scenario with each library, and compares the frames of the others with those of the first.
 */
export function run(title: string, table: Table, adapters: readonly Adapter[]): void {
  describe.concurrent(title, () => {
    for (const [name, scenario] of Object.entries(table)) {
      it(`${name} (${adapters.map((adapter) => adapter.name).join(', ')})`, async () => {
        let first: Transcript[] | undefined;
        for (const adapter of adapters) {
          const transcripts = await play(scenario, adapter);
          first ??= transcripts;
          if (scenario.frames === 'same') expect(transcripts, adapter.name).toEqual(first);
        }
      });
    }
  });
}

/** The frames that each client of a scenario sent and received, in the order of their appearance. */
async function play(scenario: Scenario, adapter: Adapter): Promise<Transcript[]> {
  const server = await Server.start(scenario.server);
  const taps: Tap[] = [];
  const peers: Peer[] = [];
  try {
    await scenario.play({
      server,
      traits: adapter.traits,
      peer(options = {}) {
        const tap = new Tap();
        const { transport } = tap;
        const { origin } = server;
        const own = { ...DEFAULTS, origin, transport, token: token('authenticated') };
        const peer = adapter.open({ ...own, ...options });
        taps.push(tap);
        peers.push(peer);
        return peer;
      },
      closes: () => taps[0]?.closes ?? [],
    });
    await eventually(() => isSettled(server, taps));
    return taps.map((tap) => transcribe(tap.passed));
  } finally {
    await Promise.all(peers.map((peer) => peer.close()));
    await server.stop();
  }
}

/** Whether all sent frames have been received: nothing is in transit. */
async function isSettled(server: Server, taps: readonly Tap[]): Promise<boolean> {
  const all = [...(await server.sockets('phoenix')), ...(await server.sockets('supabase'))];
  const theirs = all.filter(({ open }) => open);
  const ours = taps.flatMap((tap) => [...tap.open]);
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  return (
    ours.length === theirs.length &&
    sum(ours.map(({ sent }) => sent)) === sum(theirs.map(({ received }) => received)) &&
    sum(ours.map(({ received }) => received)) === sum(theirs.map(({ sent }) => sent))
  );
}
