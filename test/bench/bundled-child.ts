import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Runs a script of this directory as plain node, bundled as the tool itself is: under tsx the loader's time and memory
 * would stand beside what is measured. Resolves with the JSON it prints.
 */
export class BundledChild {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  static async of(script: string): Promise<BundledChild> {
    // Inside the checkout, where its packages and migrations are found, and where git looks away.
    const directory = join(import.meta.dirname, '../../.revshare/bench');
    mkdirSync(directory, { recursive: true });
    const file = join(directory, script.replace(/\.ts$/, '.js'));
    await build({
      entryPoints: [join(import.meta.dirname, script)],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
    });
    return new BundledChild(file);
  }

  async run<Result>(argument: unknown, nodeOptions: readonly string[] = []): Promise<Result> {
    const child = spawn(process.execPath, [...nodeOptions, this.#file, JSON.stringify(argument)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString('utf8')));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    if (code !== 0) {
      throw new Error(`${this.#file} ended with ${String(code)}`);
    }
    return JSON.parse(output) as Result;
  }
}
