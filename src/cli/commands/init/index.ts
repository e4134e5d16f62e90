import { isEmbeddedHome } from '../../../services/programme/list-programmes.ts';
import { createProgramme } from '../../../services/programme/create-programme.ts';
import { command } from '../../command.ts';
import { createAs, programmeTerms } from '../../programme-terms.ts';

const init = command({
  verb: '',
  summary: 'set up the books: the database and the programme to work in',
  description:
    'Makes what is missing and leaves what is there, so it can be run again and by several at once. Without DATABASE_URL ' +
    'it starts a Postgres of its own in REVSHARE_HOME; on a server of yours run `db bootstrap` first.',
  parameters: programmeTerms,
  mutates: true,
  examples: [
    { command: 'init --currency EUR --zone Europe/Berlin', on: 'nothing' },
    { command: 'init --title "Partner programme" --currency GBP --hold-days 14', on: 'nothing' },
  ],
  async run(invocation, input) {
    const { where, programme } = invocation.config;
    await createAs(invocation, async (options) => await createProgramme(where, { name: programme, ...input }, options));
    if (!invocation.dryRun) {
      await invocation.note(
        isEmbeddedHome(where) ? `the books are in ${where.home}` : 'the books are in the database of DATABASE_URL',
      );
      await invocation.note('next: revshare tenant create, partner create, instance create, rule set');
    }
  },
});

export { init as command };
