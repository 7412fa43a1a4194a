/** Loads one lazy chunk. */

/**
 * A function that imports a chunk. Firefox remembers a failure by its address, so what failed is imported
 * from another address the next time, where the error names the old one (as Firefox's does). The build marks
 * that import for bundlers to leave alone.
 */
export const chunk = (load: () => Promise<unknown>) => (): Promise<unknown> =>
  load().catch((error) => {
    const [, url] = /error loading.*: (\S+)/.exec(error) ?? [];
    if (url) load = () => import(`${url}?`);
    throw error;
  });
