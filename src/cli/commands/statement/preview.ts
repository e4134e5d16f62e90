import { parsePeriod } from '../../../domain/dates.ts';
import { previewStatements } from '../../../services/statement/preview-statements.ts';
import { today } from '../../../services/today.ts';
import { partnerChoices } from '../../choices.ts';
import { command } from '../../command.ts';
import { flag, option, requiredOption } from '../../parameters.ts';
import { printWritten } from '../../written-files.ts';
import { assertWhose, fileParameters } from './parameters.ts';
import { withEarnings } from './rows.ts';

export const preview = command({
  verb: 'preview',
  summary: 'write what statements would say now, as drafts',
  description:
    'The files of `statement files`, of a period that may still be running: without a number, with DRAFT across each page of ' +
    'a PDF, and called DRAFT. Nothing is made or kept.',
  parameters: {
    partner: option('--partner <code>', 'of this partner', { ask: { choices: partnerChoices } }),
    all: flag('--all', 'of every partner'),
    period: requiredOption('--period <period>', '2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31'),
    out: requiredOption('--out <directory>', 'where the files go'),
    ...fileParameters,
  },
  examples: [
    withEarnings('statement preview --all --period 2026-10 --out .'),
    withEarnings('statement preview --partner acme --period 2026-10 --format pdf --out .'),
  ],
  async run(invocation, { partner, all, period, out, ...asked }) {
    assertWhose(partner, all);
    const ctx = await invocation.context();
    const { statementWriter } = await import('../../statement-writer.ts');
    const writer = await statementWriter(invocation, asked);
    const which = { partner, period: parsePeriod(period, today(ctx)) };
    await printWritten(invocation, 'statements', await previewStatements(ctx, which, invocation.path(out), writer));
  },
});
