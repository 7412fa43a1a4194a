/** Rows behind the tables of the reference server. */
import type { Loaded } from '../index.js';
import { type HttpOptions, requests } from './http.js';
import type { Source } from './source.js';

/**
 * Rows behind the tables of the reference server, at `/tables/CHANNEL`: for prototypes and tests, where no
 * path has to be thought of.
 */
export function reference({ persist: persists = true, ...http }: HttpOptions): Source {
  const ask = requests(http);
  return ({ channel, key: field }) => {
    const path = `/tables/${encodeURIComponent(channel)}`;
    return {
      load: () => ask(path) as Promise<Loaded<never>>,
      ...(persists && {
        async persist(change, { mutation }) {
          const { kind, key } = change;
          const what =
            kind === 'insert'
              ? { row: change.row }
              : kind === 'update'
                ? { row: { ...change.row, [field]: key } }
                : { key };
          const said = await ask(path, {
            method: 'POST',
            body: { change: kind, ...what },
            mutation,
          });
          return (said as { row?: never } | undefined)?.row;
        },
      }),
    };
  };
}
