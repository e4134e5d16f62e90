#!/usr/bin/env node
// CommonJS, by the package.json beside it: node has its loader of ES modules to set up otherwise, a fifth of its start.
'use strict';
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  // The one answer that needs no tool around it, and so nobody hears of a full disk but this.
  process.stdout.on('error', ({ code }) => {
    if (code === 'EPIPE') return;
    process.stderr.write(`error[output_failed]: stdout cannot be written (${code})\n`);
    process.exitCode = 4;
  });
  process.stdout.write(`${JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')).version}\n`);
} else {
  const bundle = readIfThere(join(__dirname, '../dist/revshare.js'), 'latin1');
  if (bundle !== null) {
    void start(bundle);
  } else {
    process.stderr.write(
      'error[not_built]: revshare is not built yet\nhint: run `npm ci`, or `npm run build` in a checkout\n',
    );
    process.exitCode = 4;
  }
}

/** Runs the bundle: as the build's V8 has compiled it where this V8 is of the same version, and from its text elsewhere. */
async function start(bundle) {
  const { Script } = require('node:vm');
  const filename = join(__dirname, '../dist/revshare.js');
  const script = new Script(bundle, { filename, cachedData: readIfThere(`${filename}.v8`) ?? undefined });
  const bundled = { exports: {} };
  script.runInThisContext()(bundled.exports, require, bundled, require('node:url').pathToFileURL(filename).href);
  const code = await bundled.exports.run(argv);
  process.exitCode = code;
  if (code === 130) {
    // Interrupted work is abandoned, not awaited: once what was said is out, the process ends, and the server rolls back.
    process.stderr.write('', () => process.stdout.write('', () => process.exit(code)));
  }
}

function readIfThere(path, encoding) {
  try {
    return readFileSync(path, encoding);
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
