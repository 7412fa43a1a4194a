/** Unexpected errors and warnings in the console of a page, and uncaught exceptions. */
import type { Page } from '@playwright/test';

export class ConsoleErrors {
  #list: string[] = [];

  /** Listens to a page, its frames too. */
  of(page: Page): void {
    page.on('pageerror', (error) => this.#list.push(`thrown: ${error.message}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.#list.push(message.text());
    });
  }

  /** Removes errors that the test causes: the browser reports requests that fail or are rejected. */
  ignore(expected: RegExp): void {
    this.#list = this.#list.filter((message) => !expected.test(message));
  }

  /** Returns the errors so far, and clears them. */
  take(): string[] {
    return this.#list.splice(0);
  }
}
