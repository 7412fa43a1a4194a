/** Prints the times that the tests recorded: a slow machine fails no test, but its times are visible. */
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';
import { MEASUREMENT } from './measurement.js';

export default class MeasurementReporter implements Reporter {
  readonly #lines: string[] = [];

  onTestEnd(_test: TestCase, result: TestResult): void {
    for (const { type, description } of result.annotations) {
      if (type === MEASUREMENT && description) this.#lines.push(description);
    }
  }

  onEnd(): void {
    if (this.#lines.length)
      console.log(`\n  Measured:\n    ${this.#lines.sort().join('\n    ')}\n`);
  }

  printsToStdio(): boolean {
    return false;
  }
}
