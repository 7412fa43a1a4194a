/** Every export of the older hooks is used in a browser test. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = `${import.meta.dirname}/../../..`;
const LEGACY = `${ROOT}/pkg-template/src/legacy`;

/** The names of the values that an entry exports. */
const exportsOf = async (family: string): Promise<string[]> =>
  Object.keys(await import(`${LEGACY}/${family}/index.ts`));

const inBrowsers = ['site', 'specs', 'support']
  .map((folder) => `${ROOT}/tests/e2e/${folder}`)
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => readFileSync(`${folder}/${file}`, 'utf8')),
  )
  .join('\n');

it.each(['interviews', 'broadcast', 'lazy-client', 'core-realtime', 'supabase-hooks'])(
  'every value of %s is used in a browser test',
  async (family) => {
    const names = (await exportsOf(family)).filter((name) => name !== 'default');
    expect(names.length).toBeGreaterThan(1);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(inBrowsers))).toEqual([]);
  },
);
