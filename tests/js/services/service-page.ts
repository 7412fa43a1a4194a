/** A page with services, and lists of rows without an engine. */
import type { Changeable } from '../../../pkg-template/src/services/index.js';
import { freshPage } from '../page.js';

/** The package, its services, and an engine that runs: that of the default client. */
export async function freshServices() {
  const page = await freshPage();
  const services = await import('../../../pkg-template/src/services/index.js');
  const started = page.double.nextEngine();
  page.realtimeClient.subscribe('base', {});
  return { ...page, ...services, services, engine: await started };
}

export type ServicePage = Awaited<ReturnType<typeof freshServices>>;

/** A requested change. */
export type Requested = ['insert', object] | ['update', string, object] | ['remove', string];

/** A list of rows that records requested changes. */
export function recordingList<T extends object>(items: readonly T[] = []) {
  const requested: Requested[] = [];
  const mutation = (id: string) => ({ id, status: 'pending', promise: Promise.resolve({}) });
  const report = (...what: Requested) => mutation(`${requested.push(what)}`) as never;
  const list: Changeable<T> = {
    items,
    insert: (row) => report('insert', row),
    update: (key, patch) => report('update', `${key}`, patch),
    remove: (key) => report('remove', `${key}`),
  };
  return { list, requested };
}
