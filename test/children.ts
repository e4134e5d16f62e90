import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the scripts are that tests run as processes of their own. */
    children: string;
  }
}

const ROOT = join(import.meta.dirname, '..');

/** Whatever is called …-child.ts; the bench bundles its own. */
const scripts = () =>
  readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('-child.ts') && !path.startsWith('bench'))
    .map((path) => join(ROOT, 'test', path));

/** Each file goes on believing that it lies where it was written. */
const inPlace = {
  name: 'in-place',
  setup(bundler: Parameters<NonNullable<Parameters<typeof build>[0]['plugins']>[number]['setup']>[0]) {
    bundler.onLoad({ filter: /\.m?ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
    }));
  },
};

/**
 * Bundles them once a run, into a directory of its own inside the checkout, where their packages are found and git looks
 * away: a process that translates all of the tool for itself takes ten times as long to start. Returns the directory.
 */
export async function bundleChildren(): Promise<string> {
  mkdirSync(join(ROOT, '.revshare'), { recursive: true });
  const directory = mkdtempSync(join(ROOT, '.revshare/test-'));
  chmodSync(directory, 0o755); // some are run as an ordinary user
  await build({
    entryPoints: scripts().map((script) => ({ in: script, out: basename(script, '.ts') })),
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    plugins: [inPlace],
  });
  return directory;
}

/** What to run with node: 'payout-child' is test/support/payout-child.ts. */
export function childScript(name: string): string {
  return join(inject('children'), `${name}.mjs`);
}
