/** Loads one lazy chunk. */

/**
 * Returns a function that imports a chunk. Firefox caches a failed import by its address, so after a failure the chunk
 * is imported from another address, where the error names the old one (as Firefox's does). The build marks
 * that import so that bundlers ignore it.
 */
export const chunk = (load: () => Promise<unknown>) => (): Promise<unknown> =>
  load().catch((error) => {
    const [, url] = /error loading.*: (\S+)/.exec(error) ?? [];
    if (url) load = () => import(`${url}?`);
    throw error;
  });
