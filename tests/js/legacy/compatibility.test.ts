/** The tables of compatibility decisions name existing tests. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = `${import.meta.dirname}/../../..`;

/** The test files of a table, by the names it has for them. */
const TABLES: Record<string, Record<string, string>> = {
  'lazy-client': {
    lazy: 'tests/js/legacy/lazy-client.test.ts',
    page: 'tests/e2e/specs/legacy-lazy-client.spec.ts',
  },
  'core-realtime': {
    hooks: 'tests/js/legacy/core-realtime.test.tsx',
    services: 'tests/js/legacy/core-realtime-services.test.ts',
    manager: 'tests/js/legacy/core-realtime-manager.test.ts',
    config: 'tests/js/legacy/core-realtime-config.test.ts',
    events: 'tests/js/legacy/core-realtime-events.test.ts',
    page: 'tests/e2e/specs/legacy-core-realtime.spec.ts',
    classes: 'tests/e2e/specs/legacy-core-realtime-classes.spec.ts',
  },
};

/** Normalizes apostrophes. */
const plain = (text: string): string => text.replaceAll('’', "'");

/** The names of tests and groups in a file. */
function titlesIn(file = ''): Set<string> {
  const source = plain(readFileSync(`${root}/${file}`, 'utf8'));
  const titles = source.matchAll(/(?:it|test|describe)(?:\.describe)?\(\s*'([^\n]*)',/g);
  const each = source.matchAll(/^\]\)\('([^\n]*)',|^ {2}\]\)\('([^\n]*)',/gm);
  return new Set([...titles, ...each].map(([, one, other]) => one ?? other ?? ''));
}

it.each(Object.entries(TABLES))('%s', (family, files) => {
  const table = plain(readFileSync(`${root}/docs/legacy/compatibility-${family}.md`, 'utf8'));
  const rows = [...table.matchAll(/^\| (?:FIX|KEEP|DROP|The)[^|]*\| (.*) \|$/gm)];
  expect(rows.length).toBeGreaterThan(10);
  const missing = rows.flatMap(([, cell = '']) =>
    cell.split(/; (?=\w+ ›)/).flatMap((reference) => {
      const [file = '', ...titles] = reference.split(' › ');
      const known = titlesIn(files[file]);
      return titles.filter((title) => !known.has(title));
    }),
  );
  expect(missing).toEqual([]);
});
