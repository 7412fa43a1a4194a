/** The memory of a page, after garbage was collected. */
import type { CDPSession, Page } from '@playwright/test';

export interface Memory {
  /** Bytes of the JavaScript heap in use. */
  heapBytes: number;
  /** Bytes of linear memory of WebAssembly. */
  wasmBytes: number;
}

export class Heap {
  readonly #page: Page;
  readonly #devtools: CDPSession;

  private constructor(page: Page, devtools: CDPSession) {
    this.#page = page;
    this.#devtools = devtools;
  }

  static async of(page: Page): Promise<Heap> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('HeapProfiler.enable');
    return new Heap(page, devtools);
  }

  async measure(): Promise<Memory> {
    // Objects that a finalizer releases are collected by the next collection.
    for (let left = 3; left > 0; left--) await this.#devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#devtools.send('Runtime.getHeapUsage');
    const wasmBytes = await this.#page.evaluate(() => wasm.memoryBytes());
    return { heapBytes: usedSize, wasmBytes };
  }

  /** The JavaScript heap in use without a collection: how much it grows is how much was allocated. */
  async used(): Promise<number> {
    return (await this.#devtools.send('Runtime.getHeapUsage')).usedSize;
  }
}
