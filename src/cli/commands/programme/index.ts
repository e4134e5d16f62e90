import { createProgramme } from '../../../services/programme/create-programme.ts';
import { listProgrammes, showProgramme } from '../../../services/programme/list-programmes.ts';
import { command, type Command } from '../../command.ts';
import { printList, printRow } from '../../output/printer.ts';
import { argument } from '../../parameters.ts';
import { createAs, programmeRows, programmeTerms } from '../../programme-terms.ts';

const create = command({
  verb: 'create',
  summary: 'create a programme: a schema of its own, with roles of its own',
  description:
    'Needs the owner: the embedded server, or REVSHARE_OWNER_URL after `db bootstrap`. Zone and currency never change. ' +
    'Work in it with --programme NAME or REVSHARE_PROGRAMME.',
  parameters: { name: argument<string>('NAME', 'lower-case letters, digits and _'), ...programmeTerms },
  mutates: true,
  examples: [
    { command: 'programme create emea --title "Partners EMEA" --zone Europe/Berlin --currency EUR' },
    { command: 'programme create apac --zone Asia/Tokyo --currency JPY --dry-run' },
  ],
  async run(invocation, input) {
    const row = await createAs(
      invocation,
      async (options) => await createProgramme(invocation.config.where, input, options),
    );
    await printRow(invocation.print, programmeRows.columns, row, programmeRows.id);
  },
});

const list = command({
  verb: 'list',
  summary: 'list the programmes of this database',
  parameters: {},
  examples: [{ command: 'programme list' }],
  async run(invocation) {
    const rows = await listProgrammes(invocation.config.where);
    await printList(invocation.print, programmeRows.columns, rows, programmeRows.id);
  },
});

const show = command({
  verb: 'show',
  summary: 'show one programme with its settings',
  parameters: { name: argument<string>('NAME', 'the programme') },
  examples: [{ command: 'programme show main' }],
  async run(invocation, { name }) {
    const row = await showProgramme(invocation.config.where, name);
    await printRow(invocation.print, programmeRows.columns, row, programmeRows.id);
  },
});

export const commands: readonly Command[] = [create, list, show];
