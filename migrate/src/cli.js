/** What was asked for on the command line. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FAMILIES } from './families.js';

const NAMES = Object.keys(FAMILIES);

export const HELP = `Moves the imports of an older realtime system to tidewire/legacy.

  tidewire-migrate [paths…] [--from FAMILY] [--renames] [--map OLD=NEW]… [--write]

  paths           files and folders; default: this folder
  --from FAMILY   which system: ${NAMES.join(', ')};
                  without it, the names that are imported and the paths they come from tell
  --renames       also gives hooks the names that the systems' own guides renamed them to
  --map OLD=NEW   OLD is a module of the older system, as imports or folders name it;
                  NEW the entry, such as tidewire/legacy/supabase-hooks
  --write         writes the files; without it the changes are only shown

Nothing but imports (and, with --renames, the names) is touched. What could not be moved is listed.`;

/**
 * @typedef {object} Wishes
 * @property {'run'} kind
 * @property {string[]} paths
 * @property {string | undefined} from the family
 * @property {'show' | 'write'} mode
 * @property {boolean} renames
 * @property {Map<string, string>} map entries by modules of the older system
 */

/**
 * @param {string[]} words
 * @returns {Wishes | { kind: 'help' } | { kind: 'mistake', message: string }}
 */
export function readArguments(words) {
  /** @param {string} message */
  const mistake = (message) => ({ kind: /** @type {const} */ ('mistake'), message });
  let parsed;
  try {
    parsed = parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        map: { type: 'string', multiple: true, default: [] },
        renames: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return mistake(/** @type {Error} */ (error).message);
  }
  const { from, map, renames, write, help } = parsed.values;
  if (help) return { kind: 'help' };
  if (from !== undefined && !NAMES.includes(from)) {
    return mistake(`There is no family "${from}". Take one of: ${NAMES.join(', ')}.`);
  }
  const missing = parsed.positionals.find((path) => !existsSync(path));
  if (missing !== undefined) return mistake(`There is no ${missing}.`);
  /** @type {Map<string, string>} */
  const pairs = new Map();
  for (const pair of map ?? []) {
    const [, old = '', entry = ''] = pair.match(/^([^=]+)=([^=]+)$/) ?? [];
    if (!old) return mistake(`--map takes OLD=NEW, not "${pair}".`);
    pairs.set(old, entry);
  }
  return {
    kind: 'run',
    paths: parsed.positionals.length ? parsed.positionals : ['.'],
    from,
    mode: write ? 'write' : 'show',
    renames: renames === true,
    map: pairs,
  };
}
