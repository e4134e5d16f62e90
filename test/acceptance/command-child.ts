import { run } from '../../bin/run.mts';

process.exitCode = await run(process.argv.slice(2));
