// dependency-cruiser, with the assertion that it looked at anything: with another TypeScript it reports no modules at
// all and calls that clean.
import { spawnSync } from 'node:child_process';

const result = spawnSync(
  'npx',
  ['depcruise', '--config', '.config/dependency-cruiser.cjs', '--output-type', 'json', 'src', 'jobs', 'bin'],
  {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  },
);
const report = JSON.parse(result.stdout || '{}');
const { totalCruised = 0, violations = [] } = report.summary ?? {};
for (const { rule, from, to } of violations) {
  process.stderr.write(`${rule.name}: ${from} → ${to}\n`);
}
process.stdout.write(`${totalCruised} modules cruised, ${violations.length} arrows against the plan\n`);
process.exitCode = totalCruised < 50 || violations.length > 0 ? 1 : 0;
