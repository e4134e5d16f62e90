import { addDays, parsePeriod } from '../../../domain/dates.ts';
import { generateStatements, type GeneratedStatements } from '../../../services/statement/generate-statements.ts';
import { today } from '../../../services/today.ts';
import { partnerChoices } from '../../choices.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { flag, option, requiredOption } from '../../parameters.ts';
import { assertWhose } from './parameters.ts';
import { statementRows, withEarnings } from './rows.ts';

const c = columnsOf<GeneratedStatements>();

export const generate = mutation({
  rows: {
    noun: 'statements',
    plural: 'statements',
    id: (row) => row.statements.map(({ number }) => number).join('\n'),
    columns: [
      c.date('period_start', (row) => row.period.from),
      c.date('period_end', (row) => addDays(row.period.to, -1)),
      c.number('made', (row) => row.made),
      c.number('there_already', (row) => row.statements.length - row.made),
    ],
  },
  sections: [section('statements', statementRows.columns, (row: GeneratedStatements) => row.statements)],
  verb: 'generate',
  summary: 'make the statements of a period, one for each partner and currency',
  description:
    'A statement tells by posting dates what a partner had, earned and was paid, and what is left. It is numbered and kept as ' +
    'it was said: what is posted into its period later makes it outdated (`statement verify`), and another takes its place ' +
    'once it is void. One that is there already is left alone, and no two tell of the same day. All of them or none are made; ' +
    'one that would not open with what the one before it closed with is refused.',
  parameters: {
    partner: option('--partner <code>', 'of this partner', { ask: { choices: partnerChoices } }),
    all: flag('--all', 'of every partner'),
    period: requiredOption('--period <period>', '2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31'),
    note: option('--note <text>', 'a sentence for the partners, printed with the notes of each'),
  },
  previews: true,
  examples: [
    withEarnings('statement generate --all --period 2026-10'),
    withEarnings('statement generate --partner acme --period 2026-10 --dry-run'),
  ],
  async run(ctx, { partner, all, period: asked, note }, say) {
    assertWhose(partner, all);
    const period = parsePeriod(asked, today(ctx));
    say(`period ${period.label}: ${period.from} up to, not including, ${period.to} (${ctx.zone})`);
    return await generateStatements(ctx, { period, partner, note });
  },
  done: (row) =>
    row.statements.length === 0
      ? `nothing to tell of ${row.period.label}`
      : `made: ${row.made}, there already: ${row.statements.length - row.made}`,
});
