/** A small app of each older system: moved, it compiles and passes its own tests. */
import { execFile } from 'node:child_process';
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../migrate/src/families.js';

const root = join(import.meta.dirname, '../..');
const bin = (name: string): string => join(root, 'node_modules', name);

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a script of Node in an app; gives what it said. */
async function run(app: string, script: string, ...words: string[]): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: '1' };
  try {
    const said = await promisify(execFile)(process.execPath, [script, ...words], { cwd: app, env });
    return { code: 0, ...said };
  } catch (error) {
    return error as Ended;
  }
}

/** Every file of a folder, byte for byte. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder);
  const read = async (name: string) => [name, await readFile(join(folder, name), 'latin1')];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

const changedIn = (before: Record<string, string>, after: Record<string, string>): string[] =>
  Object.keys(after).filter((name) => before[name] !== after[name]);

describe.each(Object.keys(FAMILIES))('%s', (family) => {
  it('an app of it is moved', async () => {
    const app = join(import.meta.dirname, 'results', family);
    const source = join(app, 'src');
    await rm(app, { recursive: true, force: true });
    await cp(join(import.meta.dirname, 'apps', family), app, { recursive: true });
    const before = await filesOf(source);
    const migrate = (...words: string[]) =>
      run(app, join(root, 'migrate/src/main.js'), '--from', family, ...words);

    const shown = await migrate();
    expect(shown).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing was written') });
    expect(shown.stdout).toMatch(/^\+.*'tidewire\/legacy\//m);
    expect(await filesOf(source), 'a dry run writes nothing').toEqual(before);

    const written = await migrate('--write');
    expect(written.stdout, 'the diff is the same').toBe(shown.stdout);
    const after = await filesOf(source);
    expect(changedIn(before, after)).not.toContain('unrelated.ts');
    const lines = (text = '') => text.split('\n').filter((line) => !/from '|\('/.test(line));
    for (const name of changedIn(before, after)) {
      // What is not an import, nor the names in it, is as it was.
      expect(lines(after[name]).at(-2)).toBe(lines(before[name]).at(-2));
      expect(shown.stdout).toContain(`+++ b/src/${name}`);
    }

    const again = await migrate('--write');
    expect(again).toMatchObject({ code: 0, stdout: '', stderr: '0 files changed.\n' });
    expect(await filesOf(source)).toEqual(after);

    const compiled = await run(app, bin('typescript/bin/tsc'), '-p', '.');
    expect(compiled.stdout, 'it compiles').toBe('');
    const config = join(import.meta.dirname, 'app.vitest.config.ts');
    const tested = await run(app, bin('vitest/vitest.mjs'), 'run', '--root', '.', '--config', config);
    expect(tested, tested.stdout).toMatchObject({ code: 0 });

    if (Object.keys(FAMILIES[family]?.renames ?? {}).length) {
      await migrate('--renames', '--write');
      expect(changedIn(after, await filesOf(source))).not.toEqual([]);
      const renamed = await run(app, bin('typescript/bin/tsc'), '-p', '.');
      expect(renamed.stdout, 'it compiles with the new names').toBe('');
      expect(await migrate('--renames')).toMatchObject({ stdout: '' });
    }
  });
});
