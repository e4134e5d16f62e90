import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Connection } from '../../db/connection.ts';
import { instanceIdByCode, partnerAt } from '../../db/queries/instances.ts';
import { meterIdByCode } from '../../db/queries/plans.ts';
import { insertUsage, lockUsage, storedUsage, type UsageRow } from '../../db/queries/usage.ts';
import { readWhole } from '../../files/read-whole.ts';
import type { NamedRows } from '../../formats/named-rows.ts';
import { readUsageFile, type MeteredRow } from '../../formats/usage-file.ts';
import type { Context } from '../context.ts';
import { rowsRejected, type RowProblem } from '../rejected-rows.ts';
import { today } from '../today.ts';

export interface UsageImportRequest {
  readonly file: string;
  /** What messages call it; the path unless told. */
  readonly label?: string;
  /** Imports the good rows, and leaves the others out. */
  readonly partial?: boolean;
}

export interface UsageImported {
  readonly file: string;
  readonly read: number;
  readonly new: number;
  /** Imported before, as the file says them. */
  readonly known: number;
  readonly problems: readonly RowProblem[];
  readonly firstDate: string | null;
  readonly lastDate: string | null;
}

type Located = UsageRow & { readonly line: number };

/**
 * Imports metered usage: all of the file or nothing, or with `partial` its good rows. A row that was imported before adds
 * nothing; the same id with other content is refused, naming both. Usage is charged by `wholesale charge`. Writes in one
 * transaction.
 * @throws UsageError `rows_rejected`, `columns_missing`, `column_unknown`, `file_…`
 */
export async function importUsage(ctx: Context, request: UsageImportRequest): Promise<UsageImported> {
  const { file, label = file, partial = false } = request;
  const bytes = await readWhole(file, label);
  const said = readUsageFile(label, bytes);
  return await ctx.write(async (tx) => {
    await lockUsage(tx);
    const { rows, problems: lost } = await locate(tx, said, today(ctx));
    const { added, known, problems: differing } = await compare(tx, said, rows);
    const problems = [...said.problems, ...lost, ...differing].sort((a, b) => a.line - b.line);
    const read = said.rows.length + said.problems.length;
    if (problems.length > 0 && !partial) throw rowsRejected(label, read, problems);
    if (added.length > 0) {
      const fileSha256 = createHash('sha256').update(bytes).digest('hex');
      await insertUsage(tx, { fileName: basename(label), fileSha256 }, added);
    }
    const dates = added.map(({ usedOn }) => usedOn).sort();
    return {
      ...{ file: label, read, new: added.length, known, problems },
      firstDate: dates.at(0) ?? null,
      lastDate: dates.at(-1) ?? null,
    };
  });
}

/** Rows by identity: of instances and meters that there are, at which somebody earned on the day. */
async function locate(
  tx: Connection,
  { rows, columnOf }: NamedRows<MeteredRow>,
  now: string,
): Promise<{ rows: Located[]; problems: RowProblem[] }> {
  const located: Located[] = [];
  const problems: RowProblem[] = [];
  const remember = <T>(find: (key: string) => Promise<T>) => {
    const found = new Map<string, Promise<T>>();
    return async (key: string): Promise<T> => {
      if (!found.has(key)) found.set(key, find(key));
      return await found.get(key)!;
    };
  };
  const instanceOf = remember(async (code) => await instanceIdByCode(tx, code));
  const meterOf = remember(async (code) => await meterIdByCode(tx, code));
  const partnerOf = remember(async (key) => {
    const [instanceId, day] = key.split(' ') as [string, string];
    return await partnerAt(tx, Number(instanceId), day);
  });
  for (const row of rows) {
    const { line, usedOn, externalId, quantity, region } = row;
    const wrong = (field: string, code: string, reason: string, remedy: string) =>
      problems.push({ line, column: columnOf(field), field, code, reason, remedy });
    const instanceId = await instanceOf(row.instance);
    const meterId = await meterOf(row.meter);
    const partner = instanceId === null ? null : await partnerOf(`${instanceId} ${usedOn}`);
    if (instanceId === null) {
      wrong(
        'instance',
        'instance_not_found',
        `there is no instance '${row.instance}'`,
        'mend it, or make the instance',
      );
    } else if (meterId === null) {
      const remedy = `\`revshare price-book set ${row.meter} --unit-price …\` makes it`;
      wrong('meter', 'meter_not_found', `nothing has a price by meter '${row.meter}'`, remedy);
    } else if (partner === null) {
      wrong('date', 'no_agreement', `nobody earned at ${row.instance} on ${usedOn}: nobody owes it`, 'mend the date');
    } else if (usedOn > now) {
      wrong('date', 'date_ahead', `${usedOn} is to come`, 'import what has been used');
    } else {
      const currency = row.currency ?? partner.currency;
      located.push({ line, instanceId, meterId, meter: row.meter, externalId, quantity, usedOn, currency, region });
    }
  }
  return { rows: located, problems };
}

/** What is new, what is known, and what has an id that stands for something else: in the books, or earlier in the file. */
async function compare(
  tx: Connection,
  { columnOf }: NamedRows<MeteredRow>,
  rows: readonly Located[],
): Promise<{ added: UsageRow[]; known: number; problems: RowProblem[] }> {
  const keyOf = ({ instanceId, externalId }: UsageRow) => `${instanceId} ${externalId}`;
  const before = new Map<string, { readonly row: UsageRow; readonly where: string }>(
    (await storedUsage(tx, rows)).map((row) => [keyOf(row), { row, where: 'the books' }]),
  );
  const added: UsageRow[] = [];
  const problems: RowProblem[] = [];
  let known = 0;
  for (const { line, ...row } of rows) {
    const same = before.get(keyOf(row));
    if (same === undefined) {
      before.set(keyOf(row), { row, where: `line ${line}` });
      added.push(row);
    } else if (contentOf(same.row) === contentOf(row)) {
      known += 1;
    } else {
      problems.push({
        ...{ line, column: columnOf('external_id'), field: 'external_id', code: 'same_id_other_content' },
        reason: `'${row.externalId.slice(0, 60)}' says ${contentOf(row)}, and ${same.where} ${contentOf(same.row)}`,
        remedy: 'give new usage an id of its own; a correction is a row with a quantity below zero',
      });
    }
  }
  return { added, known, problems };
}

function contentOf({ quantity, meter, usedOn, currency, region }: UsageRow): string {
  return `${quantity} ${meter} on ${usedOn} in ${currency}${region === null ? '' : `/${region}`}`;
}
