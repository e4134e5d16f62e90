import { earningsPeriod, exportEarnings, streamEarnings } from '../../../services/earnings/export-earnings.ts';
import { command, type Command, type Example } from '../../command.ts';
import { exportedColumns } from '../../exported-columns.ts';
import { fileOf } from '../../file-format.ts';
import { printRow } from '../../output/printer.ts';
import { option, requiredOption } from '../../parameters.ts';

export const exportCommand = (ready: (command: string) => Example): Command =>
  command({
    verb: 'export',
    summary: 'write the entries of a period to a file that can be proved and repeated',
    description:
      'One row an entry whose posting date lies in the period, decisions of zero included; columns of `earnings` ' +
      'version 1. Beside the file stands its manifest: filter, moment, rows, sums, hash. `export verify FILE` proves it, ' +
      '`export repeat MANIFEST` makes the same bytes whatever happened since. The file appears whole or not at all. ' +
      'With --out - the rows go to stdout, and there is no manifest.',
    parameters: {
      period: requiredOption(
        '--period <period>',
        'posting dates: 2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31',
      ),
      out: requiredOption('--out <file>', 'the file to write, or - for stdout'),
      partner: option('--partner <code>', 'earned by this partner'),
      instance: option('--instance <code>', 'of this instance'),
      format: option<'csv' | 'ndjson'>('--format <format>', 'how rows are written; default csv', {
        choices: ['csv', 'ndjson'],
      }),
      asOf: option('--as-of <date>', 'the books as of this date or instant; default now'),
    },
    examples: [
      ready('earnings export --period 2026-10 --out october.csv'),
      ready('earnings export --period 2026-10 --partner acme --format ndjson --out acme.ndjson'),
      ready('earnings export --period 2026-10 --out -'),
    ],
    async run(invocation, { period, out, partner, instance, format, asOf }) {
      const ctx = await invocation.context();
      const asked = {
        period,
        partner: partner ?? null,
        instance: instance ?? null,
        format: format ?? 'csv',
        asOf: asOf ?? null,
      } as const;
      const path = out === '-' ? null : invocation.path(fileOf(out, asked.format));
      const { label, from, to } = earningsPeriod(ctx, period);
      await invocation.note(`period ${label}: ${from} up to, not including, ${to} (${ctx.zone})`);
      if (path === null) {
        const { rows, asOf: moment } = await streamEarnings(ctx, asked, async (block) => {
          await invocation.print.out.write(block.toString('utf8'));
        });
        return await invocation.note(`${rows} rows as of ${moment.instant}`);
      }
      const exported = await exportEarnings(ctx, asked, path, { version: invocation.host.version });
      await printRow(invocation.print, exportedColumns, exported, (row) => row.path);
    },
  });
