/** Serves the pages, compressed and cacheable as a production server would. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PAGES } from './pages.js';

export interface Site {
  readonly port: number;
  readonly origin: string;
  close(): Promise<void>;
}

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** A page is isolated, so that its clock is not coarsened. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const YEAR_S = 31_536_000;

/** A page that loads the scripts its address names, in order: `/page/LIBRARY?FILE&FILE`. */
function pageOf(library: string, search: string): string {
  const scripts = search
    .slice(1)
    .split('&')
    .map((file) => `<script type="module" src="/pages/${library}/${file}.js"></script>`);
  return `<!doctype html><meta charset="utf-8"><title>${library}</title><div id="root"></div>${scripts.join('')}`;
}

/** Compressed files by path. */
const compressed = new Map<string, Buffer>();

async function fileOf(path: string): Promise<Buffer> {
  const known = compressed.get(path);
  if (known) return known;
  const file = gzipSync(await readFile(`${PAGES}${path}`), { level: 9 });
  compressed.set(path, file);
  return file;
}

export async function serveSite(): Promise<Site> {
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://_');
    const [, kind, library = ''] = pathname.split('/');
    if (kind === 'page') {
      response.writeHead(200, { 'content-type': 'text/html', ...ISOLATED });
      response.end(pageOf(library, search));
      return;
    }
    try {
      const body = await fileOf(pathname.replace('/pages', ''));
      response.writeHead(200, {
        'content-type': TYPES[extname(pathname)] ?? 'application/octet-stream',
        'content-encoding': 'gzip',
        'content-length': body.length,
        'cache-control': `max-age=${YEAR_S}, immutable`,
        'cross-origin-resource-policy': 'same-origin',
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
