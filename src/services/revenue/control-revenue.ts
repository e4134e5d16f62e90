import { codesLike } from '../../db/queries/near-codes.ts';
import { recordedGroups } from '../../db/queries/revenue-control.ts';
import type { Period } from '../../domain/dates.ts';
import { UsageError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import {
  CONTROL_SUMS,
  controlRevenue as compare,
  type ControlKey,
  type ControlledGroup,
  type ControlSum,
  type Verdict,
} from '../../domain/revenue-control.ts';
import { readWhole } from '../../files/read-whole.ts';
import { readControlFile } from '../../formats/control-file.ts';
import { describeProblems } from '../../formats/records.ts';
import type { Context } from '../context.ts';
import { notFound } from '../not-found.ts';
import { listed } from '../rejected-rows.ts';

export interface ControlRequest {
  readonly period: Pick<Period, 'from' | 'to'>;
  readonly file: string;
  /** What messages call it. */
  readonly label: string;
  /** The only source that the file is of. */
  readonly source?: string | undefined;
}

/** A sum of both sides, as decimal strings; null where a side says nothing. */
export interface ControlledSum {
  readonly expected: string | null;
  readonly imported: string;
  /** Imported less expected. */
  readonly difference: string | null;
}

export interface RevenueControlRow {
  readonly source: string | null;
  readonly instance: string | null;
  readonly kind: string | null;
  readonly currency: string;
  readonly verdict: Verdict;
  readonly expectedCount: number | null;
  readonly imported: number;
  readonly decided: number;
  readonly sums: Readonly<Record<ControlSum, ControlledSum>>;
  readonly decidedNet: string;
}

export interface RevenueControl {
  /** What the file tells groups by, and what it sums. */
  readonly keys: readonly ControlKey[];
  readonly sums: readonly ControlSum[];
  readonly rows: readonly RevenueControlRow[];
  /** How many of them are not equal. */
  readonly differing: number;
}

/**
 * Billing's own counts and sums of a period beside what was imported of it, and what of that is decided: by the columns that
 * the file fills in. Reads only. Throws NotFoundError `source_not_found`, UsageError `control_invalid`, `file_…`, and what a file may be unreadable for.
 */
export async function controlRevenue(ctx: Context, request: ControlRequest): Promise<RevenueControl> {
  const { file, label, period, source = null } = request;
  const { keys, groups, problems } = readControlFile(label, await readWhole(file, label));
  if (problems.length > 0) {
    const lines = describeProblems(label, problems, true);
    throw new UsageError('control_invalid', listed('what is expected cannot be read, so nothing was compared', lines), {
      hint: 'mend the file; `revenue control --help` shows one',
      details: { file: label, problems },
    });
  }
  if (source !== null && !(await codesLike(ctx.db, 'sources', source)).includes(source)) {
    throw await notFound(ctx.db, 'source', source);
  }
  const recorded = await recordedGroups(ctx.db, keys, { from: period.from, to: period.to, source });
  const compared = compare(groups, recorded);
  return {
    keys,
    sums: CONTROL_SUMS.filter((sum) => groups.some((group) => group.sums[sum] !== null)),
    rows: compared.map(rowOf),
    differing: compared.filter(({ verdict }) => verdict !== 'equal').length,
  };
}

function rowOf({ expected, recorded, ...group }: ControlledGroup): RevenueControlRow {
  const money = (minor: bigint) => formatMinor(minor, group.currency);
  const sums = CONTROL_SUMS.map((name) => {
    const theirs = expected?.sums[name] ?? null;
    const ours = recorded?.sums[name] ?? 0n;
    const sum: ControlledSum = {
      expected: theirs === null ? null : money(theirs),
      imported: money(ours),
      difference: theirs === null ? null : money(ours - theirs),
    };
    return [name, sum] as const;
  });
  return {
    source: group.source,
    instance: group.instance,
    kind: group.kind,
    currency: group.currency,
    verdict: group.verdict,
    expectedCount: expected?.count ?? null,
    imported: recorded?.imported ?? 0,
    decided: recorded?.decided ?? 0,
    sums: Object.fromEntries(sums) as Record<ControlSum, ControlledSum>,
    decidedNet: money(recorded?.decidedNet ?? 0n),
  };
}
