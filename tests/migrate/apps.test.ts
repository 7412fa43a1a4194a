/** A small app of each older system is migrated; it then compiles and passes its own tests. */
import { execFile } from 'node:child_process';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../migrate/src/families.js';

const root = join(import.meta.dirname, '../..');
const TSC = join(root, 'node_modules/typescript/bin/tsc');
const VITEST = join(root, 'node_modules/vitest/vitest.mjs');

interface ProcessResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a Node script in a folder. */
async function run(cwd: string, script: string, ...args: string[]): Promise<ProcessResult> {
  const env = { ...process.env, NO_COLOR: '1' };
  try {
    const result = await promisify(execFile)(process.execPath, [script, ...args], { cwd, env });
    return { code: 0, ...result };
  } catch (error) {
    const { code, stdout, stderr } = error as ProcessResult;
    return { code, stdout, stderr };
  }
}

const appOf = (family: string): string => join(import.meta.dirname, 'results', family);

const migrate = (family: string, ...args: string[]): Promise<ProcessResult> =>
  run(appOf(family), join(root, 'migrate/src/main.js'), '--from', family, ...args);

/** The content of every source file of an app. */
async function filesOf(family: string): Promise<Record<string, string>> {
  const folder = join(appOf(family), 'src');
  const names = await readdir(folder);
  const read = async (name: string) => [name, await readFile(join(folder, name), 'latin1')];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

const changedIn = (before: Record<string, string>, after: Record<string, string>): string[] =>
  Object.keys(after).filter((name) => before[name] !== after[name]);

/** A source without its imports and module names. */
const restOf = (text = ''): string =>
  text
    .replace(/^(import|export)( type)?\s[^;]*? from '.*';\n/gm, '')
    .replace(/'(@|\.\.?|tidewire)\/.*?'/g, '')
    .trim();

describe.each(Object.keys(FAMILIES))('%s', (family) => {
  it('a dry run shows the changes, --write makes exactly these, and a second run changes nothing', async () => {
    await rm(appOf(family), { recursive: true, force: true });
    await cp(join(import.meta.dirname, 'apps', family), appOf(family), { recursive: true });
    const before = await filesOf(family);
    const shown = await migrate(family);
    expect(shown).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Nothing was written'),
    });
    expect(shown.stdout).toMatch(/^\+.*'tidewire\/legacy\//m);
    expect(await filesOf(family)).toEqual(before);

    expect((await migrate(family, '--write')).stdout).toBe(shown.stdout);
    const after = await filesOf(family);
    const changed = changedIn(before, after);
    expect(changed).not.toContain('unrelated.ts');
    expect(shown.stdout.match(/^--- a\/src\/.*$/gm)).toHaveLength(changed.length);
    for (const name of changed) expect(restOf(after[name])).toBe(restOf(before[name]));

    const again = await migrate(family, '--write');
    expect(again).toEqual({ code: 0, stdout: '', stderr: '0 files changed.\n' });
    expect(await filesOf(family)).toEqual(after);
  });

  it('the migrated app compiles', async () => {
    expect(await run(appOf(family), TSC, '-p', '.')).toMatchObject({ code: 0, stdout: '' });
  });
});

it('the migrated apps pass their own tests', async () => {
  const config = join(import.meta.dirname, 'apps.vitest.config.ts');
  const { code, stdout, stderr } = await run(root, VITEST, 'run', '--config', config);
  expect(code, stdout + stderr).toBe(0);
  for (const family of Object.keys(FAMILIES)) expect(stdout).toContain(family);
});

describe.each(['interviews', 'broadcast', 'core-realtime'])('%s', (family) => {
  it('with --renames the app compiles, and a second run changes nothing', async () => {
    const before = await filesOf(family);
    await migrate(family, '--renames', '--write');
    expect(changedIn(before, await filesOf(family))).not.toEqual([]);
    expect(await run(appOf(family), TSC, '-p', '.')).toMatchObject({ code: 0, stdout: '' });
    expect(await migrate(family, '--renames')).toMatchObject({ stdout: '' });
  });
});
