// Prints the sizes of the built package next to their limits, as the package's build does.
import { join } from 'node:path';
import { checkBudget } from '../pkg-template/build/budget.mjs';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const violations = await checkBudget({
  dist: join(root, 'pkg-template/dist'),
  file: join(root, 'size-budget.json'),
  update: false,
});
if (violations.length > 0) {
  console.error(violations.join('\n'));
  process.exit(1);
}
