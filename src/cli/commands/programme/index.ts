import { createProgramme } from '../../../services/programme/create-programme.ts';
import { listProgrammes, showProgramme } from '../../../services/programme/list-programmes.ts';
import { command, type Command } from '../../command.ts';
import { askedPage, pageParameters, printPage } from '../../listing.ts';
import { printRow } from '../../output/printer.ts';
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
    {
      command: 'programme create emea --title "Partners EMEA" --zone Europe/Berlin --currency EUR',
      setup: ['init'],
      on: 'nothing',
    },
    { command: 'programme create apac --zone Asia/Tokyo --currency JPY --dry-run', setup: ['init'], on: 'nothing' },
  ],
  async run(invocation, input) {
    await createAs(invocation, async (options) => await createProgramme(invocation.config.where, input, options));
  },
});

const list = command({
  verb: 'list',
  summary: 'list the programmes of this database',
  description: 'Lists the programmes of this database. Of one that your login may not use only the name is shown.',
  parameters: pageParameters,
  examples: [{ command: 'programme list' }],
  async run(invocation, input) {
    const page = askedPage(input);
    const rows = await listProgrammes(invocation.config.where);
    const shown = rows.slice(page.offset, page.offset + page.limit);
    await printPage(invocation, { ...programmeRows, whenEmpty: '`revshare init` makes the first' }, shown, page);
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
