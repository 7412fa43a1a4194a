/** The command line of the tool. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, it } from 'vitest';

const folder = join(import.meta.dirname, 'results/command');
const MAIN = join(import.meta.dirname, '../../migrate/src/main.js');
const IMPORT = "import { CallTracker } from '@/lib/realtime';\n";

async function run(...args: string[]) {
  try {
    const result = await promisify(execFile)(process.execPath, [MAIN, ...args], { cwd: folder });
    return { code: 0, ...result };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

beforeEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'node_modules/x'), { recursive: true });
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src/a.ts'), IMPORT);
  await writeFile(join(folder, 'src/b.d.ts'), IMPORT);
  await writeFile(join(folder, 'src/c.md'), IMPORT);
  await writeFile(join(folder, 'node_modules/x/index.js'), IMPORT);
});

it('without options it prints a unified diff of the app’s own sources, and writes nothing', async () => {
  const { code, stdout, stderr } = await run();
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: [
      '--- a/src/a.ts',
      '+++ b/src/a.ts',
      '@@ -1,1 +1,1 @@',
      "-import { CallTracker } from '@/lib/realtime';",
      "+import { CallTracker } from 'tidewire/legacy/supabase-hooks';",
      '',
    ].join('\n'),
  });
  expect(stderr).toBe('1 file would change. Nothing was written: --write does that.\n');
  expect(await readFile(join(folder, 'src/a.ts'), 'utf8')).toBe(IMPORT);
});

it('--write changes only the given files', async () => {
  await writeFile(join(folder, 'src/d.ts'), IMPORT);
  expect((await run('src/d.ts', '--write')).stderr).toBe('1 file changed.\n');
  expect(await readFile(join(folder, 'src/d.ts'), 'utf8')).toContain('tidewire/legacy');
  expect(await readFile(join(folder, 'src/a.ts'), 'utf8')).toBe(IMPORT);
});

it('imports of an installed package are not changed', async () => {
  const manifest = { dependencies: { '@/lib': '1' } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  expect((await run()).stdout).toBe('');
});

it('ambiguous imports and files that cannot be parsed are listed', async () => {
  await writeFile(join(folder, 'src/a.ts'), "import { useInterviews } from '@/lib/realtime';\n");
  await writeFile(join(folder, 'src/e.ts'), 'import {');
  const { code, stdout, stderr } = await run('src', '--write');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain("src/a.ts:1: '@/lib/realtime' may belong to several families");
  expect(stderr).toContain('src/e.ts: Unexpected token');
});

it.each([
  [['--from', 'nobody'], 'There is no family "nobody".'],
  [['--map', 'old'], '--map takes OLD=NEW, not "old".'],
  [['--nonsense'], "Unknown option '--nonsense'"],
  [['nowhere'], 'There is no nowhere.'],
])('%j exits with the message: %s', async (args, message) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

it('--help prints the usage', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('--from FAMILY');
});
