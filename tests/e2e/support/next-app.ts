/** An app of Next.js with the installed package in it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { CONSUMER, ROOT } from './environment.js';

const run = promisify(execFile);

const SOURCE = `${ROOT}/tests/next`;
const PROJECT = `${CONSUMER}/next`;
const NEXT = createRequire(`${SOURCE}/package.json`).resolve('next/dist/bin/next');

const env = {
  ...process.env,
  NODE_ENV: 'production' as const,
  NEXT_TELEMETRY_DISABLED: '1',
  TIDEWIRE_ROOT: ROOT,
};

export class NextApp {
  readonly #process: ChildProcess;

  private constructor(
    readonly origin: string,
    process: ChildProcess,
  ) {
    this.#process = process;
  }

  /** Builds it, and starts what was built. */
  static async start(): Promise<NextApp> {
    await cp(SOURCE, PROJECT, {
      recursive: true,
      filter: (path) => !/node_modules|\.next|package\.json$/.test(path),
    });
    await run(process.execPath, [NEXT, 'build'], { cwd: PROJECT, env }).catch((error) => {
      throw Error(`The app could not be built:\n${error.stdout}${error.stderr}`);
    });
    const child = spawn(process.execPath, [NEXT, 'start', '--port', '0'], {
      cwd: PROJECT,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(child.stdout)) {
      const [, port] = line.match(/http:\/\/localhost:(\d+)/) ?? [];
      if (port) return new NextApp(`http://localhost:${port}`, child);
    }
    throw Error('The app ended before it listened.');
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}
