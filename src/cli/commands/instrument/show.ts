import { UsageError } from '../../../domain/errors.ts';
import type { InstrumentStory } from '../../../services/instrument/show-instrument.ts';
import { showInstrument } from '../../../services/instrument/show-instrument.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printRow, section } from '../../output/printer.ts';
import { flag, option } from '../../parameters.ts';
import { whenAdded } from './example.ts';
import { instrument, instrumentRows } from './rows.ts';

const c = columnsOf<InstrumentStory>();
const data = c.text('data', (row) => row.data);
const versions = section<InstrumentStory, InstrumentStory['versions'][number]>(
  'versions',
  instrumentRows.columns.filter(({ name }) => name !== 'instrument'),
  (row) => row.versions,
);

export const show = command({
  verb: 'show',
  summary: 'show where a partner is paid, and every version of it',
  description:
    'The account is masked. --reveal shows all of its data, wants a --reason and is recorded with it under your name, before ' +
    'anything is shown. A version that gave way is shown by its number: acme/EUR/1.',
  parameters: {
    instrument,
    reveal: flag('--reveal', 'show the account data, too'),
    reason: option('--reason <text>', 'why it has to be seen, for the record'),
  },
  examples: [
    whenAdded('instrument show acme/EUR'),
    whenAdded('instrument show acme/EUR/1 --json'),
    whenAdded('instrument show acme/EUR --reveal --reason "bank asks for the BIC"'),
  ],
  async run(invocation, { instrument: code, reveal, reason }) {
    const because = await reasonOf(reveal, reason, invocation.asker);
    const row = await showInstrument(await invocation.context(), code, because);
    const columns = because === null ? instrumentRows.columns : [...instrumentRows.columns, data];
    await printRow<InstrumentStory>(invocation.print, columns, row, instrumentRows.id, [versions]);
    if (because !== null) await invocation.note('that this was seen, and why, is on record');
  },
});

async function reasonOf(
  reveal: boolean,
  reason: string | undefined,
  asker: { text(question: { message: string; check: (answer: string) => string | null }): Promise<string> } | null,
): Promise<string | null> {
  if (!reveal) {
    if (reason === undefined) return null;
    throw new UsageError('reason_not_wanted', '--reason is why account data has to be seen: give --reveal with it');
  }
  if (reason !== undefined) return reason;
  if (asker === null) {
    throw new UsageError('missing_input', 'missing: --reason', {
      hint: 'who sees account data says why',
      details: { missing: ['--reason'] },
    });
  }
  const check = (answer: string) => (answer.trim() === '' ? 'who sees account data says why' : null);
  return await asker.text({ message: 'Why it has to be seen (for the record):', check });
}
