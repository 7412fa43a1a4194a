/**
 * Runs the README's snippets unmodified. They need: a page on the reference server's own host, so
 * that paths work unmodified; `tidewire` installed; `./pkg/` made by `wasm-pack build`. In commands, the
 * address `127.0.0.1:4321` stands for the server of the test.
 */
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { CONSUMER, ROOT } from './environment.js';

/** A fenced block. */
export interface Snippet {
  language: string;
  code: string;
  /** Its line in the README, and the heading above it. */
  line: number;
  heading: string;
}

/** What `wasm-pack build` made. */
const BARE = resolve(ROOT, process.env.TIDEWIRE_BARE ?? 'target/wasm-pack');

/** All fenced blocks of the README. */
export function readSnippets(): Snippet[] {
  const snippets: Snippet[] = [];
  let heading = '';
  let open: Snippet | undefined;
  for (const [index, text] of readFileSync(`${ROOT}/README.md`, 'utf8').split('\n').entries()) {
    if (open && text === '```') {
      snippets.push(open);
      open = undefined;
    } else if (open) open.code += `${text}\n`;
    else if (text.startsWith('## ')) heading = text.slice(3);
    else if (text.startsWith('```')) {
      open = { language: text.slice(3), code: '', line: index + 1, heading };
    }
  }
  return snippets;
}

/** Makes a folder that can be served, with the snippet as its page. */
export async function placeSnippet(snippet: Snippet): Promise<string> {
  const folder = `${CONSUMER}/readme-${snippet.line}`;
  await mkdir(folder, { recursive: true });
  await fill(folder, snippet);
  return folder;
}

async function fill(folder: string, { language, code }: Snippet): Promise<void> {
  await symlink(`${CONSUMER}/node_modules`, `${folder}/node_modules`, 'dir');
  const page = (body: string): Promise<void> =>
    writeFile(
      `${folder}/index.html`,
      `<!doctype html><meta charset="utf-8"><title>README</title>\n${body}`,
    );
  if (language === 'html') {
    await page(code);
    return;
  }
  const source = `${folder}/snippet.${language}`;
  await writeFile(source, code);
  if (code.includes("'./pkg/")) {
    if (!existsSync(BARE)) {
      throw Error(`There is no ${BARE}. Run \`wasm-pack build --target web --out-dir ${BARE}\`.`);
    }
    await cp(BARE, `${folder}/pkg`, { recursive: true });
    await page('<script type="module" src="snippet.js"></script>');
    return;
  }
  await build({
    entryPoints: [source],
    outdir: `${folder}/built`,
    bundle: true,
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
  });
  await page('<script type="module" src="built/snippet.js"></script>');
}
