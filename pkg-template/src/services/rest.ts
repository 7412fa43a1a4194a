/** A source for a REST API. */
import { type Position, RealtimeError } from '../index.js';
import { type HttpOptions, requests } from './http.js';
import type { Source } from './source.js';

/**
 * Returns a source for a REST API, at the paths of the service: `GET` returns `{ data: rows, position? }`; `POST` of a
 * row, `PATCH` of fields at `…/KEY` and `DELETE` there return `{ data: row }`. The header `Idempotency-Key` is
 * the mutation's id. Errors are `{ error: { code, message } }`.
 *
 * With a `position` (`{ epoch, seq }`: the position in the channel's stream at which the rows were read) no change is
 * missed or applied twice; without one rows are merged by their key.
 */
export function rest({ persist: persists = true, ...http }: HttpOptions): Source {
  const request = requests(http);
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
        const { data, position } = (await request(path)) as { data: never[]; position?: Position };
        return { rows: data, position };
      },
      ...(persists && {
        async persist(change, { mutation }) {
          const content = await (change.kind === 'insert'
            ? request(path, { method: 'POST', body: change.row, mutation })
            : change.kind === 'update'
              ? request(at(change.key), { method: 'PATCH', body: change.row, mutation })
              : request(at(change.key), { method: 'DELETE', mutation }));
          return (content as { data?: never } | undefined)?.data;
        },
      }),
    };
  };
}
