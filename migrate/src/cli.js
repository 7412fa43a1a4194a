/** The command line. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FAMILIES } from './families.js';

const NAMES = Object.keys(FAMILIES);

export const HELP = `Moves the imports of a legacy realtime system to tidewire/legacy.

  tidewire-migrate [paths…] [--from FAMILY] [--renames] [--map OLD=NEW]… [--write]

  paths           files and folders; default: this folder
  --from FAMILY   which system: ${NAMES.join(', ')};
                  without it, it is inferred from imported names and paths
  --renames       also gives hooks the names that the systems' own guides renamed them to
  --map OLD=NEW   OLD is a module of the legacy system, as imports or folders name it;
                  NEW the entry, such as tidewire/legacy/supabase-hooks
  --write         writes the files; without it the changes are only shown

Only imports (and, with --renames, the names) are changed. What could not be moved is listed.`;

/**
 * @typedef {object} Arguments
 * @property {'run'} kind
 * @property {string[]} paths
 * @property {string | undefined} from the family
 * @property {'show' | 'write'} mode
 * @property {boolean} renames
 * @property {Map<string, string>} map entries by modules of the legacy system
 */

/**
 * @param {string[]} args
 * @returns {Arguments | { kind: 'help' } | { kind: 'usageError', message: string }}
 */
export function readArguments(args) {
  /** @param {string} message */
  const usageError = (message) => ({ kind: /** @type {const} */ ('usageError'), message });
  let parsed;
  try {
    parsed = parseArgs({
      args,
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
    return usageError(/** @type {Error} */ (error).message);
  }
  const { from, map, renames, write, help } = parsed.values;
  if (help) return { kind: 'help' };
  if (from !== undefined && !NAMES.includes(from)) {
    return usageError(`There is no family "${from}". Take one of: ${NAMES.join(', ')}.`);
  }
  const missing = parsed.positionals.find((path) => !existsSync(path));
  if (missing !== undefined) return usageError(`There is no ${missing}.`);
  /** @type {Map<string, string>} */
  const pairs = new Map();
  for (const pair of map ?? []) {
    const [, old = '', entry = ''] = pair.match(/^([^=]+)=([^=]+)$/) ?? [];
    if (!old) return usageError(`--map takes OLD=NEW, not "${pair}".`);
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
