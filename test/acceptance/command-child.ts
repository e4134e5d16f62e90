import { run } from '../../bin/run.ts';

process.exitCode = await run(process.argv.slice(2));
