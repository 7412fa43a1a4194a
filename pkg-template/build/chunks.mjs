/** Builds the JavaScript files and stylesheets of the package with esbuild. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { minify } from 'terser';
import { ENTRIES, externalEntries, SOURCE, STYLES, sourceOf } from './entries.mjs';

/** The changes to wasm-bindgen's glue, each with its reason. The build fails if one that is not optional does not apply. */
const GLUE_CHANGES = [
  // Traps are detected in every call of the engine.
  { from: /new WebAssembly\.Instance\(/g, to: 'new GuardedInstance(' },
  // Sockets are closed with their engine, and one that starts takes over the early ones.
  { from: /new WebSocket\(/g, to: 'new EngineSocket(', optional: true },
  // Listeners and timers of a replaced engine return: an error would be uncaught.
  {
    from: /throw new Error\('Cannot invoke closure from previous WASM instance'\);/g,
    to: 'return;',
    optional: true,
  },
];

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Members that only the facade and the engine's chunk use, with their short names. None belongs to the public
 * API, the platform or the glue.
 */
const INTERNAL = Object.fromEntries(
  [
    'subscribers',
    'settle',
    'target',
    'transmitted',
    'deliver',
    'view',
    'byKey',
    'intent',
    'session',
    'enqueue',
    'report',
    'snapshot',
    'sends',
    'show',
    'notify',
    'options',
    'number',
    'engine',
    'serialise',
    'client',
    'action',
    'ErrorClass',
    'emitter',
    'isObserved',
    'waiting',
    'bytes',
    'makeError',
    'tracked',
    'collectionState',
    'receive',
    'listens',
    'checkNames',
    'isHandled',
    'secret',
    'isLive',
    'isOwn',
    'isCurrent',
    'answers',
    'onAbort',
    'onFailure',
    'newId',
    'onAbort',
    'onFailure',
    'sent',
  ].map((name, at) => [name, LETTERS[at]]),
);

/** The options for short member names, the same in all files of one copy of the package. */
const SHORTENED = {
  mangleProps: new RegExp(`^(${Object.keys(INTERNAL).join('|')})$`),
  mangleCache: INTERNAL,
};

/** Resolves `tidewire-glue` to the changed glue. */
const glue = (directory) => ({
  name: 'glue',
  setup(build) {
    build.onResolve({ filter: /^tidewire-glue$/ }, () => ({
      path: join(directory, 'tidewire.js'),
      namespace: 'glue',
    }));
    build.onLoad({ filter: /.*/, namespace: 'glue' }, async ({ path }) => {
      let contents = await readFile(path, 'utf8');
      for (const { from, to, optional } of GLUE_CHANGES) {
        const changed = contents.replace(from, to);
        if (changed === contents && !optional) {
          throw Error(`${path} has no ${from}: has the output of wasm-bindgen changed?`);
        }
        contents = changed;
      }
      const head =
        "import { EngineSocket } from './session/sockets.js';\n" +
        "import { GuardedInstance } from './session/trap-guard.js';\n";
      return { contents: head + contents, resolveDir: SOURCE };
    });
  },
});

/** Replaces the module `from` by `to`. */
const substitute = (from, to) => ({
  name: `${to} for ${from}`,
  setup(build) {
    build.onResolve({ filter: new RegExp(`^\\.\\.?/${from}\\.js$`) }, () => ({
      path: join(SOURCE, `${to}.ts`),
    }));
  },
});

/** Resolves `./core-raw.js` to a module with the engine in base64. */
const raw = (wasm) => ({
  name: 'raw',
  setup(build) {
    build.onResolve({ filter: /core-raw\.js$/ }, ({ path }) => ({ path, namespace: 'raw' }));
    build.onLoad({ filter: /.*/, namespace: 'raw' }, () => ({
      contents: `export default ${JSON.stringify(wasm.toString('base64'))}`,
    }));
  },
});

/**
 * Writes a module for bundlers. esbuild removes whitespace only together with the `@__PURE__` annotations, without which a
 * bundler keeps code that its app does not use; terser removes only the whitespace.
 */
const annotated = (file) => ({
  name: 'annotated',
  setup(build) {
    Object.assign(build.initialOptions, { minifyWhitespace: false, write: false });
    build.onEnd(async ({ outputFiles }) => {
      const [output] = outputFiles ?? [];
      if (!output) return;
      const { code } = await minify(output.text, {
        module: true,
        compress: false,
        mangle: false,
        format: { preserve_annotations: true, ecma: 2020 },
      });
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${code}\n`);
    });
  },
});

/** Keeps imports of these modules as imports, so that they are loaded on demand. `files`: the built file for each specifier. */
const lazily = (files) => ({
  name: 'lazily',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path }) =>
      files[path] ? { path: files[path], external: true } : undefined,
    );
  },
});

/**
 * The module that comes first in a file, by entry. The order of the modules decides how well they compress: without these it
 * follows the alphabet of the file names.
 */
const FIRST = {
  index: [join(SOURCE, 'loader.ts')],
  react: [join(SOURCE, 'react/create-hooks.ts')],
};

/** Minifies a built file with terser, which makes it smaller than esbuild alone. */
async function shrink(file) {
  const { code } = await minify(await readFile(file, 'utf8'), {
    module: true,
    ecma: 2020,
    compress: { passes: 2 },
  });
  await writeFile(file, `${code}\n`);
}

/** An import whose address is computed in the page. Bundlers must not try to resolve it. */
const COMPUTED_IMPORT = /\bimport\((?=\w|`)/g;

/** Marks the computed imports of a file: minifying drops the comments of the source. */
async function markComputedImports(file) {
  const text = await readFile(file, 'utf8');
  const marked = text.replace(COMPUTED_IMPORT, 'import(/*webpackIgnore:true*/');
  if (marked === text) throw Error(`${file} has no computed import to mark.`);
  await writeFile(file, marked);
}

/** The lazy ES module that contains the engine, as raw DEFLATE in base64. */
export const inlineChunk = (deflated) => `export default"${deflated.toString('base64')}";\n`;

/** Writes all JavaScript files and stylesheets. */
export async function writeChunks({ dist, glueDirectory, wasm }) {
  const built = (source, file, options) =>
    build({
      entryPoints: [source],
      outfile: join(dist, file),
      bundle: true,
      minifyWhitespace: true,
      minifyIdentifiers: true,
      minifySyntax: true,
      format: 'esm',
      target: 'es2022',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'warning',
      ...options,
    });
  const chunk = (name, file, options) =>
    built(join(SOURCE, `${name}.ts`), file, { ...SHORTENED, ...options });
  // Other packages are imported, not bundled.
  const entry = (name, extension, options) =>
    built(sourceOf(name), `${name}.${extension}`, {
      packages: 'external',
      plugins: [externalEntries(name, extension)],
      ...options,
    });
  await Promise.all([
    chunk('index', 'index.js', {
      inject: FIRST.index,
      plugins: [
        lazily({
          './session/engine-host.js': './core.js',
          './core-inline.js': './core-inline.js',
        }),
      ],
    }),
    chunk('session/engine-host', 'core.js', {
      inject: [join(SOURCE, 'utf8.ts')],
      plugins: [lazily({ './core-inflate.js': './core-inflate.js' }), glue(glueDirectory)],
    }),
    chunk('core-inflate', 'core-inflate.js', {
      banner: { js: '/*! fflate, (c) Arjun Barrett, MIT licence */' },
    }),
    chunk('index', 'index.cjs', {
      format: 'cjs',
      // Jest does not support `import()` in CommonJS modules.
      supported: { 'dynamic-import': false },
      plugins: [lazily({ './core.cjs': './core.cjs' }), substitute('sources', 'sources.cjs')],
    }),
    chunk('session/engine-host', 'core.cjs', {
      format: 'cjs',
      inject: [join(SOURCE, 'utf8.ts')],
      plugins: [substitute('inline', 'inline.cjs'), raw(wasm), glue(glueDirectory)],
    }),
    ...ENTRIES.filter((name) => name !== 'index').flatMap((name) => [
      entry(name, 'js', {
        inject: FIRST[name] ?? [],
        plugins: [externalEntries(name, 'js'), annotated(join(dist, `${name}.js`))],
      }),
      entry(name, 'cjs', { format: 'cjs', supported: { 'dynamic-import': false } }),
    ]),
    ...STYLES.map((name) => built(join(SOURCE, name, 'styles.css'), `${name}.css`)),
    chunk('index', 'tidewire.global.js', {
      format: 'iife',
      globalName: 'tidewire',
      plugins: [substitute('sources', 'sources.script')],
    }),
  ]);
  for (const name of ['index.js', 'core.js']) await shrink(join(dist, name));
  await markComputedImports(join(dist, 'index.js'));
}
