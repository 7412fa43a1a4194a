/** The tool knows what the entries export. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { collectNames } from '../../migrate/collect-names.js';
import { FAMILIES, has } from '../../migrate/src/families.js';
import { NAMES } from '../../migrate/src/names.js';

it('its list is what the sources export; `node migrate/collect-names.js --write` makes it anew', () => {
  expect(NAMES).toEqual(collectNames());
});

it('every entry is one of the package', () => {
  const manifest = readFileSync(`${import.meta.dirname}/../../pkg-template/package.json`, 'utf8');
  const exported: [string, { import: { default: string } }][] = Object.entries(
    JSON.parse(manifest).exports,
  );
  // An older path of an entry leads to the file of its present one.
  const entries = exported
    .filter(([path]) => path.startsWith('./legacy/'))
    .filter(([path, target]) => target.import.default === `./dist/${path.slice(2)}.js`)
    .map(([path]) => `tidewire/${path.slice(2)}`);
  expect(Object.keys(NAMES).sort()).toEqual(entries.sort());
});

it('what is renamed has both names', () => {
  for (const { entries, renames } of Object.values(FAMILIES)) {
    for (const name of Object.entries(renames).flat()) {
      expect(
        entries.some(({ entry }) => has(entry, name)),
        name,
      ).toBe(true);
    }
  }
});
