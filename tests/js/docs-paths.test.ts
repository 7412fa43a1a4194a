/** The documents for developers name files and folders that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = `${import.meta.dirname}/../..`;

it.each([['CONTRIBUTING.md'], ['docs/architecture.md']])(
  '%s names only paths that exist',
  (document) => {
    const text = readFileSync(`${ROOT}/${document}`, 'utf8');
    const paths = [...text.matchAll(/`((?:src|pkg-template|tests|www|xtask|docs)\/[\w./-]+)`/g)];
    expect(paths.length).toBeGreaterThan(5);
    for (const [, path] of paths) expect(existsSync(`${ROOT}/${path}`), path).toBe(true);
  },
);
