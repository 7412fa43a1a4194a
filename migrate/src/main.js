#!/usr/bin/env node
/** `tidewire-migrate`: moves the imports of the legacy systems to `tidewire/legacy`. */
import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { HELP, readArguments } from './cli.js';
import { diffOf } from './diff.js';
import { findSources } from './files.js';
import { dependenciesOf } from './packages.js';
import { Report } from './report.js';
import { rewrite } from './rewrite.js';

const parsed = readArguments(process.argv.slice(2));
if (parsed.kind === 'help') {
  console.log(HELP);
} else if (parsed.kind === 'usageError') {
  console.error(`${parsed.message}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  const { paths, mode, ...options } = parsed;
  const report = new Report(mode);
  for await (const path of findSources(paths)) {
    const file = relative('.', path);
    const before = await readFile(path, 'utf8');
    const outcome = rewrite(before, { ...options, file, packages: dependenciesOf(path) });
    report.add(file, outcome);
    if (outcome.text === before) continue;
    process.stdout.write(diffOf(file, before, outcome.text, process.stdout.isTTY === true));
    if (mode === 'write') await writeFile(path, outcome.text);
  }
  console.error(report.summary());
  if (report.hasFailed) process.exitCode = 1;
}
