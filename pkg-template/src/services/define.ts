/** Creates services from their definitions. */

import { KEY_FIELD, Text } from '../generated/facade.js';
import {
  type Collection,
  type CollectionOptions,
  RealtimeError,
  realtimeClient,
} from '../index.js';
import type { AnyRow, Definition, Id, Template } from './definition.js';
import type { CollectionPlace, Service, ServiceFactory } from './service.js';

/** Fills a template with ids. */
function fill(name: string, template: Template, ids: readonly Id[]): string {
  if (typeof template === 'string') return template;
  for (let at = 0; at < template.length; at++) {
    if (typeof ids[at] === 'number' || (typeof ids[at] === 'string' && ids[at])) continue;
    throw new RealtimeError(
      'invalid_argument',
      `Id ${at + 1} given to ${name} must be a number or ${Text.Name}.`,
      `Call ${name} once the id is known; useCollection takes null until then.`,
    );
  }
  return template(...ids);
}

/** The number of channels whose options a service caches, for each kind of rows. */
const PLACES = 100;

/** Compares rows by a column; those without a value, which are not stored yet, come last. */
const byColumn =
  (column: string) =>
  (a: AnyRow, b: AnyRow): number => {
    const [one, other] = [a[column], b[column]] as (string | undefined)[];
    if (one == null || other == null) return Number(one == null) - Number(other == null);
    return one < other ? -1 : Number(one > other);
  };

/**
 * Returns the factory of a service, from a definition of its channels. The definition is data, except for templates and
 * orders: rows are changed by a collection of the client, and stored by a source.
 *
 * ```ts
 * const chat = defineService({
 *   rows: { messages: rows<ChatMessage>()({ channel: (room: Id) => `messages:${room}`, limit: 200 }) },
 *   channels: { room: channel<{ closed: { reason: string } }, Person>()((room: Id) => `room:${room}`) },
 * });
 * const { messages, room } = chat({ source: rest({ base: '/api' }) });
 * ```
 */
export function defineService<const D extends Definition>(definition: D): ServiceFactory<D> {
  return ({ client = realtimeClient, source } = {}) => {
    const service: Record<string, unknown> = {};
    for (const [name, { channel }] of Object.entries(definition.channels ?? {})) {
      const at = (...ids: Id[]): string => fill(name, channel, ids);
      service[name] = Object.assign((...ids: Id[]) => client.channel(at(...ids)), { at });
    }
    for (const [name, entry] of Object.entries(definition.rows ?? {})) {
      const { channel, path, table, filter, order, ...policy } = entry;
      const places = new Map<string, CollectionPlace<AnyRow>>();
      // The same functions for the same ids, so that all subscribers of a channel share one collection.
      const at = (...ids: Id[]): CollectionPlace<AnyRow> => {
        const known = places.get(JSON.stringify(ids));
        if (known) return known;
        const place = {
          name,
          channel: fill(name, channel, ids),
          path: path && fill(name, path, ids.map(encodeURIComponent)),
          table,
          filter: filter?.(...ids) ?? {},
          order,
          key: policy.key ?? KEY_FIELD,
          version: policy.conflict === 'last-write-wins' ? undefined : policy.version,
          limit: policy.limit,
        };
        const options: CollectionOptions<AnyRow> = {
          ...(order && { sort: byColumn(order) }),
          ...policy,
          ...source?.<AnyRow>(place),
        };
        if (places.size >= PLACES) places.clear();
        const collection = { channel: place.channel, options };
        places.set(JSON.stringify(ids), collection);
        return collection;
      };
      const open = (...ids: Id[]): Collection<AnyRow> => {
        const { channel, options } = at(...ids);
        return client.collection(channel, options);
      };
      service[name] = Object.assign(open, { at });
    }
    return service as Service<D>;
  };
}
