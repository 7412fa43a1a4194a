import { bundle } from '../support/bundles.js';
import { ENTRIES } from '../support/entries.js';
import { test } from '../support/test.js';
import { expectWithin } from './limits.js';

for (const [name, source] of Object.entries(ENTRIES)) {
  test(`${name} loads no more bytes than its limits`, async () => {
    const { atOnce, inAll } = await bundle(source);
    expectWithin('bytes', `${name}, at once`, atOnce.gzip);
    expectWithin('bytes', `${name}, in all`, inAll.gzip);
  });
}
