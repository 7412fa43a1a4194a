/** Measures the download of the engine with the browser's resource timings. */
import { record } from './event-log.ts';
import { createStore } from './store.ts';

/** The engine's files, as far as they are loaded. */
export type Footprint =
  | { readonly phase: 'absent' }
  | {
      readonly phase: 'loaded';
      readonly files: number;
      /** As transferred, compressed. */
      readonly bytes: number;
      /** From the first request to the last byte, in milliseconds. */
      readonly ms: number;
    };

/** The lazily loaded chunks of the package keep their names before the hash. */
const ENGINE_FILE = /\/core(-inline|-inflate)?[-.][^/]*(js|wasm)(\?.*)?$/;

/** Whether the engine is loaded. */
export const footprint = createStore<Footprint>({ phase: 'absent' });

/** Starts watching what the page loads. */
export function watchFootprint(): void {
  const seen = new Map<string, PerformanceResourceTiming>();
  const observer = new PerformanceObserver((list) => {
    const before = seen.size;
    for (const entry of list.getEntries()) {
      // A preload and the import that uses it can be distinguished only by the initiator.
      if (ENGINE_FILE.test(entry.name) && entry instanceof PerformanceResourceTiming)
        seen.set(entry.name, entry);
    }
    if (seen.size === before) return;
    const files = [...seen.values()];
    const bytes = files.reduce((sum, file) => sum + (file.encodedBodySize || 0), 0);
    const start = Math.min(...files.map((file) => file.startTime));
    const end = Math.max(...files.map((file) => file.responseEnd));
    footprint.set({ phase: 'loaded', files: files.length, bytes, ms: end - start });
    if (before === 0) record('engine', 'The engine was loaded: something needs it now');
  });
  observer.observe({ type: 'resource', buffered: true });
}
