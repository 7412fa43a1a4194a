/** The events of the feed: parcels on their way. */

/** One step of a parcel. */
export interface Parcel {
  parcel: string;
  status: string;
  from: string;
  to: string;
  grams: number;
}

const text = (value: unknown, otherwise: string): string =>
  typeof value === 'string' ? value.slice(0, 80) : otherwise;

/** Parses an event of any shape: every client may publish to the demo's channels. */
export function parseParcel(message: unknown): Parcel {
  const fields = (typeof message === 'object' && message !== null ? message : {}) as Partial<
    Record<keyof Parcel, unknown>
  >;
  return {
    parcel: text(fields.parcel, 'Something else'),
    status: text(fields.status, 'published'),
    from: text(fields.from, '?'),
    to: text(fields.to, '?'),
    grams: typeof fields.grams === 'number' ? fields.grams : 0,
  };
}
