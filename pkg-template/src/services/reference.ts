/** A source for the tables of the reference server. */
import type { Loaded } from '../index.js';
import { type HttpOptions, requests } from './http.js';
import type { Source } from './source.js';

/**
 * Returns a source for the tables of the reference server, at `/tables/CHANNEL`. It is meant for prototypes and tests:
 * services need no paths for it.
 */
export function reference({ persist: persists = true, ...http }: HttpOptions): Source {
  const request = requests(http);
  return ({ channel, key: field }) => {
    const path = `/tables/${encodeURIComponent(channel)}`;
    return {
      load: () => request(path) as Promise<Loaded<never>>,
      ...(persists && {
        async persist(change, { mutation }) {
          const { kind, key } = change;
          const what =
            kind === 'insert'
              ? { row: change.row }
              : kind === 'update'
                ? { row: { ...change.row, [field]: key } }
                : { key };
          const content = await request(path, {
            method: 'POST',
            body: { change: kind, ...what },
            mutation,
          });
          return (content as { row?: never } | undefined)?.row;
        },
      }),
    };
  };
}
