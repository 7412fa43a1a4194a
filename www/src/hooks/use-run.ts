import { useState } from 'react';
import type { MessageMeta } from 'tidewire';
import { FEED } from '../realtime/client.ts';
import { asParcel } from '../realtime/parcel.ts';
import { useSubscription } from './use-subscription.ts';

/** What a component can itself say about the messages it got since it began to listen. */
export interface Run {
  readonly received: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** Positions that were skipped. */
  readonly missing: number;
  /** Positions that came again. */
  readonly repeated: number;
  readonly recovered: number;
  readonly byStatus: Readonly<Record<string, number>>;
}

const nothing: Run = {
  received: 0,
  first: undefined,
  last: undefined,
  missing: 0,
  repeated: 0,
  recovered: 0,
  byStatus: {},
};

/** Counts the feed's messages and checks their positions, trusting nobody. */
export function useRun(listening: boolean): Run {
  const [run, setRun] = useState(nothing);
  const [wasListening, setWasListening] = useState(listening);
  if (listening !== wasListening) {
    setWasListening(listening);
    // What passed while nobody listened is no loss.
    if (listening) setRun(nothing);
  }
  useSubscription(FEED, listening, (message, meta) => {
    const { status } = asParcel(message);
    setRun((before) => extended(before, meta, status));
  });
  return run;
}

function extended(run: Run, { seq, recovered }: MessageMeta, status: string): Run {
  const next: Run = {
    ...run,
    received: run.received + 1,
    recovered: run.recovered + (recovered ? 1 : 0),
    byStatus: { ...run.byStatus, [status]: (run.byStatus[status] ?? 0) + 1 },
  };
  if (seq === undefined) return next;
  if (run.last === undefined) return { ...next, first: seq, last: seq };
  if (seq <= run.last) return { ...next, repeated: run.repeated + 1 };
  return { ...next, last: seq, missing: run.missing + (seq - run.last - 1) };
}
