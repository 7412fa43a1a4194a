import { useState } from 'react';
import type { MessageMeta } from 'tidewire';
import { FEED } from '../realtime/client.ts';
import { parseParcel } from '../realtime/parcel.ts';
import { useSubscription } from './use-subscription.ts';

/** A component's own statistics of the messages received since it subscribed. */
export interface Run {
  readonly received: number;
  /** Messages received more than once, by their id. */
  readonly repeated: number;
  /** Messages that were missed first and delivered later. */
  readonly recovered: number;
  /** Gaps in which messages may have been lost, as reported by the client. */
  readonly gaps: number;
  /** The received range and the skipped positions; `null` as long as the messages have no positions. */
  readonly positions: Positions | null;
  readonly byStatus: Readonly<Record<string, number>>;
  /** The latest ids, newest last. */
  readonly ids: readonly string[];
}

/** Positions in the channel. */
export interface Positions {
  readonly first: number;
  readonly last: number;
  /** Skipped positions. */
  readonly missing: number;
}

const REMEMBERED_IDS = 256;

const nothing: Run = {
  received: 0,
  repeated: 0,
  recovered: 0,
  gaps: 0,
  positions: null,
  byStatus: {},
  ids: [],
};

/** Counts the feed's messages and checks their ids and positions independently. */
export function useRun(listening: boolean): Run {
  const [run, setRun] = useState(nothing);
  const [wasListening, setWasListening] = useState(listening);
  if (listening !== wasListening) {
    setWasListening(listening);
    // Messages published while not subscribed do not count as lost.
    if (listening) setRun(nothing);
  }
  useSubscription(
    FEED,
    listening,
    (message, meta) => {
      const { status } = parseParcel(message);
      setRun((before) => extended(before, meta, status));
    },
    // Positions are counted from the start after a gap: the client reported the lost messages.
    () => setRun((before) => ({ ...before, gaps: before.gaps + 1, positions: null })),
  );
  return run;
}

function extended(run: Run, meta: MessageMeta, status: string): Run {
  const { id, seq, recovered } = meta;
  const again = id !== undefined && run.ids.includes(id);
  return {
    ...run,
    received: run.received + 1,
    repeated: run.repeated + (again ? 1 : 0),
    recovered: run.recovered + (recovered ? 1 : 0),
    positions: seq === undefined ? run.positions : advanced(run.positions, seq),
    byStatus: { ...run.byStatus, [status]: (run.byStatus[status] ?? 0) + 1 },
    ids: id === undefined || again ? run.ids : [...run.ids, id].slice(-REMEMBERED_IDS),
  };
}

function advanced(positions: Positions | null, seq: number): Positions {
  if (!positions) return { first: seq, last: seq, missing: 0 };
  const { last, missing } = positions;
  if (seq <= last) return positions;
  return { ...positions, last: seq, missing: missing + (seq - last - 1) };
}
