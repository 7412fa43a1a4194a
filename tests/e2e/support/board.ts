/** Access to a collection in a page. */
import { expect } from '@playwright/test';
import type { BoardOptions, BoardReport, Card, Edit } from '../site/board.js';
import type { Tab } from './tab.js';

export class BoardIn {
  readonly #tab: Tab;
  readonly #channel: string;

  private constructor(tab: Tab, channel: string) {
    this.#tab = tab;
    this.#channel = channel;
  }

  /** Opens a collection of the tab's client, and waits until it is loaded. */
  static async open(tab: Tab, channel: string, options: BoardOptions = {}): Promise<BoardIn> {
    const board = new BoardIn(tab, channel);
    await tab.page.evaluate((args) => window.kit.openBoard(...args), [channel, options] as const);
    await expect.poll(async () => (await board.report()).isLoading).toBe(false);
    await tab.untilChannel(channel);
    return board;
  }

  report(): Promise<BoardReport> {
    return this.#tab.page.evaluate((channel) => window.kit.board(channel).report(), this.#channel);
  }

  /** The shown rows, in the order of the keys. */
  async rows(): Promise<Card[]> {
    return (await this.report()).rows;
  }

  /** The versions of an item that were shown, in order. */
  history(mark: string): Promise<Card[]> {
    return this.#tab.page.evaluate(([channel, of]) => window.kit.board(channel).history(of), [
      this.#channel,
      mark,
    ] as const);
  }

  insert(row: Omit<Card, 'id'>): Promise<Edit> {
    return this.#tab.page.evaluate(
      ([channel, ...args]) => window.kit.board(channel).insert(...args),
      [this.#channel, row] as const,
    );
  }

  update(mark: string, patch: Partial<Card>): Promise<Edit> {
    return this.#tab.page.evaluate(
      ([channel, ...args]) => window.kit.board(channel).update(...args),
      [this.#channel, mark, patch] as const,
    );
  }

  remove(mark: string): Promise<Edit> {
    return this.#tab.page.evaluate(
      ([channel, ...args]) => window.kit.board(channel).remove(...args),
      [this.#channel, mark] as const,
    );
  }

  /** Starts changing it at random: see `Board.editAtRandom`. */
  editAtRandom(by: string, seed: number, times: number, everyMs: number): Promise<void> {
    return this.#tab.page.evaluate(
      ([channel, ...args]) => void window.kit.board(channel).editAtRandom(...args),
      [this.#channel, by, seed, times, everyMs] as const,
    );
  }

  /** Waits until so many changes were made and all are settled; returns them. */
  async settled(count: number): Promise<Edit[]> {
    const open = async () => {
      const { edits, pending } = await this.report();
      const unsettled = edits.filter(({ outcome, failure }) => !outcome && !failure);
      return { made: edits.length, unsettled, pending };
    };
    await expect
      .poll(open, { timeout: 30_000 })
      .toEqual({ made: count, unsettled: [], pending: 0 });
    return (await this.report()).edits;
  }
}
