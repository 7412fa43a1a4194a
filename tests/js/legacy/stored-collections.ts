/** A simplified engine that loads and stores collections by the app's functions, without optimistic changes. */
import { type EngineDouble, engineError, report } from '../page.js';
import type { LegacyStage } from './stage.js';

interface Row {
  id: string;
}

interface StoredChange {
  mutation: unknown;
  kind: 'insert' | 'update' | 'delete';
  key: string;
}

const KINDS = ['insert', 'update', 'delete'] as const;

/** Answers the engine's calls about collections; returns a function that loads all of them. */
export function storeCollections({ double }: LegacyStage, engine: EngineDouble): () => void {
  const tables = new Map<unknown, Row[]>();
  const changes = new Map<number, StoredChange>();
  let requests = 0;
  const show = (collection: unknown, rows: Row[]): void => {
    tables.set(collection, rows);
    report(engine).collection(collection, { rows });
  };
  const requestLoad = (collection: unknown): void => {
    requests += 1;
    report(engine).request(collection, 'Load', requests);
  };
  const handleCall = (method: string, [collection, ...values]: unknown[]): void => {
    const rows = tables.get(collection) ?? [];
    const [request] = values as [number];
    const change = changes.get(request);
    if (method === 'openCollection') tables.set(collection, []);
    if (method === 'reload') requestLoad(collection);
    if (method === 'answerLoad') show(collection, values[1] as Row[]);
    if (method === 'mutate') {
      const [mutation, id, kind, key = 'none', text] = values as [
        unknown,
        string,
        0 | 1,
        string,
        string,
      ];
      requests += 1;
      changes.set(requests, { mutation, kind: KINDS[kind], key });
      const row = text ? JSON.parse(text) : undefined;
      report(engine).request(collection, 'Persist', requests, {
        kind: KINDS[kind],
        key,
        row,
        mutation: id,
      });
    }
    if (method === 'answer' && change) {
      const stored = values[2] as Row | undefined;
      const others = rows.filter(({ id }) => id !== change.key);
      show(collection, stored ? [...others, stored] : others);
      report(engine).mutation(change.mutation, 'acked', {
        confirmed: true,
        ...(stored && { row: stored }),
      });
    }
    if (method === 'answerFailed' && change) {
      const message = values[2] as string;
      report(engine).mutation(change.mutation, 'failed', { ...engineError('rejected'), message });
    }
  };
  double.beforeEachCall((method, values) => queueMicrotask(() => handleCall(method, values)));
  return () => {
    for (const collection of tables.keys()) requestLoad(collection);
  };
}
