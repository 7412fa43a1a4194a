import type { Reporter } from '@playwright/test/reporter';
import { stored } from './results.js';
export default class R implements Reporter {
  async onEnd() {
    for (const r of await stored()) {
      console.log(r.title, r.notes.join(' '));
      for (const c of r.cells) console.log('  ', c.row, '|', c.column, '|', c.median.toFixed(2), `(${c.low.toFixed(2)}-${c.high.toFixed(2)})`);
    }
  }
}
