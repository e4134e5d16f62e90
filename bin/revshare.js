#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  // The one answer that needs no tool around it, and so nobody hears of a full disk but this.
  process.stdout.on('error', ({ code }) => {
    if (code === 'EPIPE') return;
    process.stderr.write(`error[output_failed]: stdout cannot be written (${code})\n`);
    process.exitCode = 4;
  });
  process.stdout.write(`${JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version}\n`);
} else {
  const bundle = new URL('../dist/run.js', import.meta.url);
  if (existsSync(bundle)) {
    const { run } = await import(bundle.href);
    const code = await run(argv);
    process.exitCode = code;
    if (code === 130) {
      // Interrupted work is abandoned, not awaited: once what was said is out, the process ends, and the server rolls back.
      process.stderr.write('', () => process.stdout.write('', () => process.exit(code)));
    }
  } else {
    process.stderr.write(
      'error[not_built]: revshare is not built yet\nhint: run `npm ci`, or `npm run build` in a checkout\n',
    );
    process.exitCode = 4;
  }
}
