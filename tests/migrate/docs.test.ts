/** docs/migrating.md describes the tool. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { HELP } from '../../migrate/src/cli.js';
import { FAMILIES } from '../../migrate/src/families.js';
import { rewrite } from '../../migrate/src/rewrite.js';

const docs = readFileSync(`${import.meta.dirname}/../../docs/migrating.md`, 'utf8');

/** The lines of the diff with one of its signs. */
const lines = (sign: string): string =>
  (docs.match(/```diff\n([\s\S]*?)```/)?.[1] ?? '')
    .split('\n')
    .filter((line) => line.startsWith(sign))
    .map((line) => line.slice(1))
    .join('\n');

it('the documented diff is the output of the tool', () => {
  const { text } = rewrite(lines('-'), {
    file: 'src/app.ts',
    from: 'supabase-hooks',
    map: new Map(),
    packages: new Set(),
    renames: false,
  });
  expect(text).toBe(lines('+'));
});

it('every option is documented', () => {
  const options = [...HELP.matchAll(/--\w+/g)];
  expect(options.length).toBeGreaterThan(3);
  for (const [option] of options) expect(docs).toContain(`\`${option}`);
});

it('every entry and every rename is documented', () => {
  for (const [name, { entries, renames }] of Object.entries(FAMILIES)) {
    expect(docs).toContain(`\`${entries.at(-1)?.entry}\``);
    expect(docs).toContain(`(legacy/${name}.md)`);
    expect(existsSync(`${import.meta.dirname}/../../docs/legacy/${name}.md`), name).toBe(true);
    for (const former of Object.keys(renames)) expect(docs).toContain(`\`${former}\``);
  }
});
