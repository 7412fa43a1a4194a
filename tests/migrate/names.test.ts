/** The list of the exports of each entry, which the tool uses. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { collectNames } from '../../migrate/collect-names.js';
import { FAMILIES, has } from '../../migrate/src/families.js';
import { NAMES } from '../../migrate/src/names.js';

it('the list equals the exports of the sources; `node migrate/collect-names.js --write` regenerates it', () => {
  expect(NAMES).toEqual(collectNames());
});

it('the entries are those of the package', () => {
  const manifest = readFileSync(`${import.meta.dirname}/../../pkg-template/package.json`, 'utf8');
  const exported: [string, { import: { default: string } }][] = Object.entries(
    JSON.parse(manifest).exports,
  );
  // An older path of an entry refers to the file of its current path.
  const entries = exported
    .filter(([path]) => path.startsWith('./legacy/'))
    .filter(([path, target]) => target.import.default === `./dist/${path.slice(2)}.js`)
    .map(([path]) => `tidewire/${path.slice(2)}`);
  expect(Object.keys(NAMES).sort()).toEqual(entries.sort());
});

it('an entry exports both names of each rename', () => {
  for (const { entries, renames } of Object.values(FAMILIES)) {
    for (const name of Object.entries(renames).flat()) {
      expect(
        entries.some(({ entry }) => has(entry, name)),
        name,
      ).toBe(true);
    }
  }
});
