import type { Unsubscribe } from '../index.js';

/**
 * Resolves once a condition is met, which is checked now and with each call of the listener that `listen` adds. Rejects
 * with what the condition throws.
 */
export async function until(
  isMet: () => boolean,
  listen: (listener: () => void) => Unsubscribe,
): Promise<void> {
  if (isMet()) return;
  await new Promise<void>((resolve, reject) => {
    const end = listen(() => {
      try {
        if (!isMet()) return;
        resolve();
      } catch (error) {
        reject(error);
      }
      end();
    });
  });
}
