// Prints the sizes of the built package next to their limits; the package's own build decides both.
import { join } from 'node:path';
import { checkBudget } from '../pkg-template/build/budget.mjs';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const complaints = await checkBudget({
  dist: join(root, 'pkg-template/dist'),
  file: join(root, 'size-budget.json'),
  update: false,
});
if (complaints.length > 0) {
  console.error(complaints.join('\n'));
  process.exit(1);
}
