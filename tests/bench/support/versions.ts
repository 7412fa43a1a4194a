/** The versions of what was measured. */
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { PACKAGE } from './package.js';
import { BENCH } from './settings.js';

async function manifest(folder: string): Promise<Record<string, Record<string, string>>> {
  return JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
}

/** One sentence with the machine, the browser and the libraries. */
export async function environmentOf(browser: string): Promise<string> {
  const others = Object.entries((await manifest(BENCH)).devDependencies ?? {});
  const { version } = await manifest(PACKAGE);
  const libraries = [['tidewire', version], ...others].map((pair) => pair.join(' '));
  return `Headless Chromium ${browser} on ${cpus().length} cores; ${libraries.join(', ')}.`;
}
