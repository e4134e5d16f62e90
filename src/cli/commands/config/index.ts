import { command, type Command } from '../../command.ts';
import type { ConfigEntry } from '../../../config.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { flag } from '../../parameters.ts';

const c = columnsOf<ConfigEntry>();
const columns = [c.code('key', (row) => row.key), c.text('value', (row) => row.value)];
const origin = c.text('origin', ({ origin: { source, name } }) => (name === null ? source : `${source} ${name}`));
const about = c.text('about', (row) => row.about, { detail: true });

const list = command({
  verb: 'list',
  summary: 'list the configuration as it is now',
  description:
    'Lists every key with its value; secrets are masked. A value comes from a flag, else the environment, else ' +
    "./revshare.toml, else the user's file (REVSHARE_CONFIG names another), else the default.",
  parameters: { showOrigin: flag('--show-origin', 'say where each value came from') },
  examples: [
    { command: 'config list', on: 'nothing' },
    { command: 'config list --show-origin --json', on: 'nothing' },
  ],
  async run({ config, print }, { showOrigin }) {
    const shown = showOrigin ? [...columns, origin, about] : [...columns, about];
    await printList(print, shown, config.entries, (row) => row.key);
  },
});

export const commands: readonly Command[] = [list];
