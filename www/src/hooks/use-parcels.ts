import { useState } from 'react';
import { FEED } from '../realtime/client.ts';
import { type Parcel, parseParcel } from '../realtime/parcel.ts';
import { useSubscription } from './use-subscription.ts';

/** One event of the feed, with its delivery metadata. */
export interface ParcelEvent extends Parcel {
  key: string;
  seq: number | undefined;
  /** In milliseconds since 1970. */
  at: number;
  recovered: boolean;
}

const KEPT = 30;

/** The latest events of the feed, newest first. */
export function useParcels(listening: boolean): readonly ParcelEvent[] {
  const [events, setEvents] = useState<readonly ParcelEvent[]>([]);
  useSubscription(FEED, listening, (message, meta) => {
    const event: ParcelEvent = {
      ...parseParcel(message),
      key: meta.id ?? `${meta.receivedAt}-${meta.seq ?? Math.random()}`,
      seq: meta.seq,
      at: meta.receivedAt,
      recovered: meta.recovered,
    };
    setEvents((before) => [event, ...before].slice(0, KEPT));
  });
  return events;
}
