/** The processor time of a page's main thread, without that of other processes. */
import type { CDPSession, Page } from '@playwright/test';

/** How often the time of an empty measurement is taken. */
const CALIBRATIONS = 9;

export class ProcessorTime {
  readonly #devtools: CDPSession;
  /** The time of the measurement itself. */
  #ownMs = 0;

  private constructor(devtools: CDPSession) {
    this.#devtools = devtools;
  }

  /** @param nothing calls the page as the measured work does, but does nothing there */
  static async of(page: Page, nothing: () => Promise<void>): Promise<ProcessorTime> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    const time = new ProcessorTime(devtools);
    const empty: number[] = [];
    while (empty.length < CALIBRATIONS) empty.push(await time.measure(nothing));
    time.#ownMs = empty.sort((a, b) => a - b)[CALIBRATIONS >> 1] ?? 0;
    return time;
  }

  /** The milliseconds that all tasks of the page took while this was done. */
  async measure(work: () => Promise<void>): Promise<number> {
    const before = await this.#tasks();
    await work();
    return (await this.#tasks()) - before - this.#ownMs;
  }

  async #tasks(): Promise<number> {
    const { metrics } = await this.#devtools.send('Performance.getMetrics');
    const seconds = metrics.find(({ name }) => name === 'TaskDuration')?.value;
    if (seconds === undefined) throw Error('The browser does not report TaskDuration.');
    return seconds * 1_000;
  }
}
