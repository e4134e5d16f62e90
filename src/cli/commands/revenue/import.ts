import { basename } from 'node:path';
import { ExitCode, PartialError, UsageError } from '../../../domain/errors.ts';
import { describeProblems } from '../../../formats/records.ts';
import { LAYOUTS_TOLD, REVENUE_LAYOUTS, type RevenueLayout } from '../../../formats/revenue-layout-names.ts';
import { importRevenue, type Imported } from '../../../services/revenue/import-revenue.ts';
import { command, type Invocation } from '../../command.ts';
import { idToCome, printPreview } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { printRow, section } from '../../output/printer.ts';
import { argument, flag, option } from '../../parameters.ts';
import { EXAMPLE_MAP, files, legacyImport, oneShop } from './example.ts';

const c = columnsOf<Imported>();
const columns = [
  c.text('file', (row) => row.file),
  c.code('source', (row) => row.source),
  c.number('read', (row) => row.read),
  c.number('new', (row) => row.new),
  c.number('known', (row) => row.known),
  c.number('rejected', (row) => row.rejected),
  c.number('accounts_created', (row) => row.accountsCreated),
  c.number('products_created', (row) => row.productsCreated),
  c.number('batch', (row) => (row.batch === null ? null : Number(row.batch.id))),
  c.number('first_event', (row) => (row.batch === null ? null : Number(row.batch.firstId))),
  c.number('last_event', (row) => (row.batch === null ? null : Number(row.batch.lastId))),
  c.date('first_date', (row) => row.batch?.firstOn),
  c.date('last_date', (row) => row.batch?.lastOn),
  c.text('rejects_file', (row) => row.rejects?.records),
  c.text('reasons_file', (row) => row.rejects?.reasons),
];
const s = columnsOf<Imported['sums'][number]>();
const sums = section<Imported, Imported['sums'][number]>(
  'sums',
  [
    s.code('currency', (sum) => sum.currency),
    s.code('kind', (sum) => sum.kind),
    s.number('events', (sum) => sum.events),
    s.money('net', (sum) => sum.net),
  ],
  (row) => row.sums,
);
const id = (row: Imported) => row.batch?.id ?? '';

export const importCommand = command({
  verb: 'import',
  summary: 'import revenue events from a CSV or NDJSON file',
  description: [
    'Imports a file of revenue events: all of it or nothing, or with --partial the good rows, while the rejected ones are ' +
      'copied to FILE.rejected.csv (and why, to FILE.rejected.reasons.csv), to be mended and imported. The same file ' +
      'twice adds nothing; the same id with other content is refused by name.',
    'Records of a time when there was one platform name no instance: with --default-instance they go there, each marked, and ' +
      '`revenue list --defaulted` tells them apart later. A record that names one keeps it.',
    `Files as billing systems export them need no mapping: with --layout ${REVENUE_LAYOUTS.map((one) => `${one}, ${LAYOUTS_TOLD[one]}`).join('; ')}. ` +
      'These were built to the columns that each vendor publishes; what a record says of its standing and nobody knows refuses it. ' +
      'A file may come again when it has grown: what is new comes in.',
    'A mapping file says how rows become events:',
    EXAMPLE_MAP.trimEnd().replaceAll(/^(?=.)/gm, '  '),
    "A field comes from a column, from several joined by '/', from { column = …, lookup = …, default = … } or from " +
      '{ constant = … }. The fields: external_id, occurred_at, net, currency and instance; gross, tax, quantity, country, ' +
      'transaction_type, product, account, kind, wholesale_net, subscription; of a sale sale_ref, sale_net, sale_gross, sale_date, and ' +
      'wholesale_net is then that of the sale. ' +
      'A kind rule tests a column by value, prefix or sign; negate = true turns its amounts around. Further tables: ' +
      '[dates] format ("iso", "unix", "unix_ms", "dd.MM.yyyy HH:mm") and zone; [decimals] decimal, group, minor; ' +
      '[csv] delimiter, quote, encoding.',
  ].join('\n\n'),
  parameters: {
    file: argument('FILE', 'the file; NDJSON when it ends in .ndjson or .jsonl'),
    map: option('--map <file>', 'the mapping file (TOML)'),
    layout: option<RevenueLayout>('--layout <layout>', 'a file as this system exports it, instead of --map', {
      choices: REVENUE_LAYOUTS,
    }),
    createAccounts: flag('--create-accounts', 'add accounts that do not exist, inside their instance'),
    defaultInstance: option('--default-instance <code>', 'where records go that name no instance'),
    partial: flag('--partial', 'import the good rows and set the rejected ones aside; exit code 6 when there are any'),
    rejects: option('--rejects <file>', 'where --partial puts rejected rows; default FILE.rejected.csv'),
  },
  mutates: true,
  examples: [
    { command: 'revenue import invoices.csv --map map.toml --create-accounts', setup: oneShop, files },
    { command: 'revenue import invoices.csv --map map.toml --create-accounts --dry-run', setup: oneShop, files },
    { command: legacyImport, setup: oneShop, files },
    {
      command: 'revenue import payments.csv --layout stripe-charges --default-instance acme-shop --create-accounts',
      setup: oneShop,
      files,
    },
    {
      command: 'revenue import mixed.csv --map map.toml --create-accounts --partial',
      setup: oneShop,
      files,
      exit: ExitCode.partial,
    },
  ],
  async run(invocation, input) {
    const how = mapOf(invocation, input);
    const ctx = await invocation.context();
    const imported = await importRevenue(ctx, {
      file: invocation.path(input.file),
      map: how,
      labels: { file: input.file, map: input.map ?? '' },
      createAccounts: input.createAccounts,
      defaultInstance: input.defaultInstance,
      partial: input.partial,
      ...(input.rejects === undefined ? {} : { rejectsFile: invocation.path(input.rejects) }),
    });
    if (invocation.dryRun) {
      await printPreview(invocation, ctx, { columns, id: (row) => idToCome(id(row), input) }, imported, [sums]);
    } else {
      await printRow(invocation.print, columns, imported, id, [sums]);
      if (invocation.host.io.stderrIsTTY) await invocation.note(`✓ ${done(imported)}`);
    }
    if (imported.passedOver > 0) {
      const { passedOver } = imported;
      const records = `${passedOver} ${passedOver === 1 ? 'record' : 'records'}`;
      await invocation.note(`${records} passed over, since no money arrived`);
    }
    if (imported.rejected > 0) throw partlyImported(imported, invocation.dryRun);
  },
});

/** Either a mapping file or a layout says how rows become events. Throws UsageError `mapping_missing`, `mapping_twice`. */
function mapOf(
  invocation: Invocation,
  { map, layout }: { readonly map: string | undefined; readonly layout: RevenueLayout | undefined },
): string | { readonly layout: RevenueLayout } {
  if (map !== undefined && layout !== undefined) {
    throw new UsageError('mapping_twice', '--map and --layout both say how rows become events', {
      hint: 'leave one of them out',
    });
  }
  if (layout !== undefined) return { layout };
  if (map !== undefined) return invocation.path(map);
  throw new UsageError('mapping_missing', 'nothing says how rows become events', {
    hint: `give --map FILE, or --layout ${REVENUE_LAYOUTS.join('|')}`,
  });
}

function done(imported: Imported): string {
  if (imported.batch === null) return `nothing new in ${basename(imported.file)}`;
  return `imported ${imported.new} events as batch ${imported.batch.id}; \`revshare job run accrue-commissions\` decides them`;
}

/** The summary has been printed by then; this says what is missing from it, and ends with exit code 6. */
function partlyImported(imported: Imported, dryRun: boolean): PartialError {
  const { file, read, new: added, known, rejected, rejects, problems } = imported;
  const all = new Set(problems.map(({ line }) => line)).size === rejected;
  const lines = describeProblems(file, problems, all).map((line) => `  ${line}`);
  const message = `${rejected} of ${read} rows were rejected, ${dryRun ? 'the others would be' : 'the others are'} in`;
  return new PartialError('rows_rejected', [message, ...lines, ...(all ? [] : ['  …'])].join('\n'), {
    ...(rejects === null
      ? {}
      : { hint: `mend ${rejects.records} and import it; ${rejects.reasons} says what is wrong` }),
    details: { file, read, new: added, known, rejected, rejects, problems },
  });
}
