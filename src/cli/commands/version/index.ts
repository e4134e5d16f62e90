import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printRow } from '../../output/printer.ts';

interface Version {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
}

const c = columnsOf<Version>();
const columns = [
  c.code('version', (row) => row.version),
  c.code('node', (row) => row.node),
  c.code('platform', (row) => row.platform),
];

const version = command({
  verb: '',
  summary: 'print the version',
  description: 'Prints the version of this tool and what it runs on. `--version` prints the bare number.',
  parameters: {},
  examples: [
    { command: 'version', on: 'nothing' },
    { command: 'version --json', on: 'nothing' },
  ],
  async run({ host, print }) {
    const row = { version: host.version, node: process.version, platform: `${process.platform}-${process.arch}` };
    await printRow(print, columns, row, ({ version: number }) => number);
  },
});
export { version as command };
