#!/usr/bin/env node
// CommonJS, by the package.json beside it: node has its loader of ES modules to set up otherwise, a fifth of its start.
'use strict';
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const argv = process.argv.slice(2);
let first;
let rest;
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  // The one answer that needs no tool around it, and so nobody hears of a full disk but this.
  process.stdout.on('error', ({ code }) => {
    if (code === 'EPIPE') return;
    process.stderr.write(`error[output_failed]: stdout cannot be written (${code})\n`);
    process.exitCode = 4;
  });
  process.stdout.write(`${JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')).version}\n`);
} else {
  const run = script('revshare')?.run;
  if (run !== undefined) {
    void start(run);
  } else {
    process.stderr.write(
      'error[not_built]: revshare is not built yet\nhint: run `npm ci`, or `npm run build` in a checkout\n',
    );
    process.exitCode = 4;
  }
}

async function start(run) {
  const code = await run(argv);
  process.exitCode = code;
  if (code === 130) {
    // Interrupted work is abandoned, not awaited: once what was said is out, the process ends, and the server rolls back.
    process.stderr.write('', () => process.stdout.write('', () => process.exit(code)));
  }
}

/**
 * What one of the two scripts of the build exports (.config/build.js), null where nothing is built. It is run as the build's
 * V8 has compiled it where this V8 is of the same version, and from its text elsewhere.
 */
function script(name) {
  const filename = join(__dirname, `../dist/${name}.js`);
  const text = readIfThere(filename, 'latin1');
  if (text === null) return null;
  const { Script } = require('node:vm');
  const compiled = new Script(text, { filename, cachedData: readIfThere(`${filename}.v8`) ?? undefined });
  const bundled = { exports: {} };
  compiled.runInThisContext()(bundled.exports, asked, bundled, require('node:url').pathToFileURL(filename).href);
  if (name === 'revshare') first = bundled.exports;
  return bundled.exports;
}

/** What a script requires: of the other one by its name, of packages and of node by theirs. */
function asked(id) {
  if (id.startsWith('#rest/')) return (rest ??= script('rest')).modules[id.slice('#rest/'.length)]();
  if (id.startsWith('#first/')) return first.modules[id.slice('#first/'.length)]();
  return require(id);
}

function readIfThere(path, encoding) {
  try {
    return readFileSync(path, encoding);
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
