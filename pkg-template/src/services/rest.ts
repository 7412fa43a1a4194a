/** Rows behind a REST API. */
import { type Position, RealtimeError } from '../index.js';
import { type HttpOptions, requests } from './http.js';
import type { Source } from './source.js';

/**
 * Rows behind a REST API, at the paths of the service: `GET` gives `{ data: rows, position? }`; `POST` of a
 * row, `PATCH` of fields at `…/KEY` and `DELETE` there give `{ data: row }`. The header `Idempotency-Key` is
 * the mutation's id. Refusals are `{ error: { code, message } }`.
 *
 * With a `position` (`{ epoch, seq }`: where in the channel's stream the rows are of) nothing is missed or
 * applied twice; without one rows are taken by their key.
 */
export function rest({ persist: persists = true, ...http }: HttpOptions): Source {
  const ask = requests(http);
  return ({ name, path }) => {
    if (path === undefined) {
      throw new RealtimeError(
        'invalid_argument',
        `${name} has no path.`,
        `Give ${name} a path where the service is defined, or use another source.`,
      );
    }
    const at = (key: string): string => `${path}/${encodeURIComponent(key)}`;
    return {
      async load() {
        const { data, position } = (await ask(path)) as { data: never[]; position?: Position };
        return { rows: data, position };
      },
      ...(persists && {
        async persist(change, { mutation }) {
          const said = await (change.kind === 'insert'
            ? ask(path, { method: 'POST', body: change.row, mutation })
            : change.kind === 'update'
              ? ask(at(change.key), { method: 'PATCH', body: change.row, mutation })
              : ask(at(change.key), { method: 'DELETE', mutation }));
          return (said as { data?: never } | undefined)?.data;
        },
      }),
    };
  };
}
