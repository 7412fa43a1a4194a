/** The smallest page: it subscribes to one channel and records when the first message is received. */
import { library } from 'library-under-test';

declare global {
  /** Milliseconds from navigation to the first callback. */
  var firstMessageMs: number | undefined;
}

const client = await library.connect(location.hash.slice(1));
await client.subscribe('room-0', () => {
  globalThis.firstMessageMs ??= performance.now();
});
