/** Prints the tables of a run and writes them down; with `BENCH_PUBLISH` into the documents. */
import type { FullResult, Reporter } from '@playwright/test/reporter';
import { publish, writeReport } from './report.js';
import { stored } from './results.js';
import { browserVersion } from './settings.js';
import { tableOf } from './table.js';
import { environmentOf } from './versions.js';

export default class BenchReporter implements Reporter {
  async onEnd({ status }: FullResult): Promise<void> {
    const results = await stored();
    const environment = await environmentOf(await browserVersion());
    for (const result of results) console.log(`\n${tableOf(result)}`);
    await writeReport(results, environment);
    if (process.env.BENCH_PUBLISH && status === 'passed') await publish(results, environment);
  }

  printsToStdio(): boolean {
    return false;
  }
}
