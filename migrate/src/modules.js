/** Which modules belong to a legacy system, and which entries replace them. */
import { posix } from 'node:path';
import { FAMILIES, has } from './families.js';
import { NAMES } from './names.js';

/**
 * @typedef {object} Options
 * @property {string} file the file that imports
 * @property {string | undefined} from the family
 * @property {Map<string, string>} map entries by modules of the legacy system
 * @property {ReadonlySet<string>} packages names of packages, whose modules are never moved
 * @property {boolean} renames
 */

/** A path segment that identifies a legacy module. */
const LEGACY_PATH_PART = /^(.*-)?(real-?time|web-?socket|broadcast)(-.*)?$/i;

/**
 * A name without hyphens and in lower case, so that `useBillTracking` matches the file `use-bill-tracking`.
 *
 * @param {string} name
 */
const plain = (name) => name.replaceAll('-', '').toLowerCase();

/**
 * The path of an app module, without its prefix; `undefined` for a package.
 *
 * @param {string} specifier
 * @param {Options} options
 * @returns {string | undefined}
 */
function pathOf(specifier, { file, packages }) {
  const [first = '', second = ''] = specifier.split('/');
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  if (name === 'tidewire' || packages.has(name) || /^[a-z]+:/.test(specifier)) return undefined;
  return specifier.startsWith('.')
    ? bare(posix.join(posix.dirname(file.replaceAll('\\', '/')), specifier))
    : bare(specifier);
}

/**
 * A path without its prefix, extension and `/index`.
 *
 * @param {string} path
 */
const bare = (path) =>
  path
    .replace(/^[@~#]\/?|^\.?\//, '')
    .replace(/\.[cm]?[jt]sx?$/, '')
    .replace(/\/index$/, '');

/**
 * The entry that `--map` gives for a path.
 *
 * @param {string} path
 * @param {Options} options
 */
const mapped = (path, { map }) =>
  [...map].find(([old]) => path === bare(old) || path.endsWith(`/${bare(old)}`))?.[1];

/**
 * The export that a module is named after: `hooks/useBillTracking`.
 *
 * @param {string} path
 * @param {readonly string[]} entries
 */
function exportNamedLike(path, entries) {
  const last = plain(path.split('/').at(-1) ?? '');
  return entries.flatMap((one) => NAMES[one]?.values ?? []).find((name) => plain(name) === last);
}

/**
 * @param {string} path
 * @param {readonly string[]} entries
 * @param {Options} options
 */
function isLegacyPath(path, entries, { from }) {
  if (path.split('/').some((part) => LEGACY_PATH_PART.test(part))) return true;
  const name = exportNamedLike(path, entries);
  // Without `--from`, an app may have an `EventEmitter` of its own.
  return name !== undefined && (from !== undefined || name.startsWith('use'));
}

/** A module of a legacy system. */
export class LegacyModule {
  /**
   * @param {string} path
   * @param {readonly (readonly string[])[]} choices its replacement entries, by family
   * @param {'named' | 'guessed'} by whether the family was given
   */
  constructor(path, choices, by) {
    this.path = path;
    this.choices = choices;
    this.by = by;
  }

  /**
   * Whether names that were not moved should be reported.
   *
   * @param {readonly string[]} names the names imported from it
   */
  isRelevant(names) {
    return (
      this.by === 'named' || names.some((name) => this.choices.flat().some((one) => has(one, name)))
    );
  }

  /**
   * The name in an entry: a module's default export may be the export it is named after.
   *
   * @param {string} name
   */
  nameFor(name) {
    if (name !== 'default' || this.choices.flat().some((entry) => has(entry, name))) return name;
    return exportNamedLike(this.path, this.choices.flat()) ?? name;
  }

  /**
   * The entries of these names, all of one family: the one that exports the most of them. `undefined` if several
   * export as many; `--from` then chooses one.
   *
   * @param {readonly string[]} names
   * @returns {((name: string) => string | undefined) | undefined}
   */
  entriesOf(names) {
    const finders = this.choices.map((entries) => {
      /** @param {string} name */
      const find = (name) => entries.find((entry) => has(entry, name));
      return { find, count: names.filter(find).length };
    });
    const most = Math.max(...finders.map(({ count }) => count));
    const [best, other] = finders.filter(({ count }) => count === most);
    // If none exports any, the choice does not matter.
    return other && most ? undefined : best?.find;
  }

  /**
   * The one entry that exports all of these names, for a statement that cannot be split.
   *
   * @param {readonly string[]} names
   * @returns {string | undefined}
   */
  entryOfAll(names) {
    const all = this.choices.flatMap((entries) => {
      const entry = entries.find((one) => names.every((name) => has(one, name)));
      return entry ? [entry] : [];
    });
    return all.length === 1 ? all[0] : undefined;
  }
}

/**
 * The legacy module that a specifier names.
 *
 * @param {string} specifier
 * @param {Options} options
 * @returns {LegacyModule | undefined}
 */
export function legacyModule(specifier, options) {
  const path = pathOf(specifier, options);
  if (path === undefined) return undefined;
  const entry = mapped(path, options);
  if (entry) return new LegacyModule(path, [[entry]], 'named');
  const families = options.from ? [FAMILIES[options.from]] : Object.values(FAMILIES);
  const choices = families.map((family) =>
    (family?.entries ?? []).filter(({ at }) => !at || at.test(path)).map(({ entry }) => entry),
  );
  if (!isLegacyPath(path, choices.flat(), options)) return undefined;
  return new LegacyModule(path, choices, options.from ? 'named' : 'guessed');
}
