/** Every claim of `docs/security.md` names an existing test. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = `${import.meta.dirname}/../..`;

/** A row of a table: a claim, and in its last cell `file`: `test`, or several of them. */
const rows = readFileSync(`${ROOT}/docs/security.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| (claim|---)/.test(line))
  .map((line) => line.split(' | '))
  .map((cells) => ({ claim: cells[0] ?? '', tests: cells.at(-1) ?? '' }));

it('every claim names at least one test', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const { claim, tests } of rows) expect(tests, claim).toMatch(/`[^`]+`: “[^”]+”/);
});

it('every test that is named exists under its name', () => {
  for (const { claim, tests } of rows) {
    for (const [, file = '', name = ''] of tests.matchAll(/`([^`]+)`: “([^”]+)”/g)) {
      expect(existsSync(`${ROOT}/${file}`), `${file}, for: ${claim}`).toBe(true);
      expect(readFileSync(`${ROOT}/${file}`, 'utf8'), `for: ${claim}`).toContain(name);
    }
  }
});
