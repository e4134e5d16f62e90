import type { Connection } from '../../db/connection.ts';
import { copyInto, type WriteRows } from '../../db/copy.ts';
import {
  anyVoids,
  rejectRepeatedSignups,
  rejectUnknownAccounts,
  rejectUnknownInstances,
  rejectUnknownSubscriptions,
  settleRepeated,
  settleStored,
  stageNames,
  takeGrowth,
} from '../../db/queries/revenue-checks.ts';
import {
  createAccounts,
  createProducts,
  ensureSource,
  findSource,
  insertBatch,
  insertEvents,
  lockSource,
  sumLive,
  type KindSum,
} from '../../db/queries/revenue-intake.ts';
import { recordSales, rejectSaleConflicts, stageSales } from '../../db/queries/revenue-sales.ts';
import { Staging, STAGING_COLUMNS, STAGING_TABLE, type StagedPlace } from '../../db/queries/revenue-staging.ts';
import { addDays } from '../../domain/dates.ts';
import { formatMinor } from '../../domain/money.ts';
import type { EventField } from '../../formats/mapping-fields.ts';

/** What has been staged, said once it all has. */
export interface Staged {
  readonly source: string;
  readonly origin: 'import' | 'record';
  readonly fileName: string | null;
  readonly fileSha256: string | null;
  /** Records read, good and bad. */
  readonly read: number;
  /** Records of which the file itself says that they cannot be events. */
  readonly damaged: number;
  readonly hasSales: boolean;
  /** Whether any record says which subscription it is of. */
  readonly namesSubscriptions: boolean;
  /** Whether any record named no instance and went to the default. */
  readonly defaulted: boolean;
  /** Whether refunds of the file say what has come together of them so far. */
  readonly grows?: boolean;
  place(field: EventField): StagedPlace;
}

export interface NetSum {
  readonly currency: string;
  readonly kind: string;
  readonly events: number;
  /** Decimal string. */
  readonly net: string;
}

export interface Intake {
  readonly read: number;
  readonly new: number;
  readonly known: number;
  readonly rejected: number;
  readonly accountsCreated: number;
  readonly productsCreated: number;
  /** Of the new events. */
  readonly sums: readonly NetSum[];
  readonly batch: IntakeBatch | null;
}

export interface IntakeBatch {
  readonly id: string;
  readonly firstId: string;
  readonly lastId: string;
  readonly firstOn: string;
  readonly lastOn: string;
}

/**
 * How events come in, one by hand or a million from a file: streamed into staging tables, judged together by the
 * database, then written as one batch. What is wrong with a record is decided before and without regard to whether
 * rejected ones may be left out, which `whenRejected` decides. Writes in the caller's transaction only; makes no batch
 * when nothing is new.
 * @param stage writes the staging rows and tells what they are
 * @param whenRejected called before anything is written when records were rejected; throws to refuse the whole
 */
export async function takeIn(
  tx: Connection,
  options: { readonly createAccounts: boolean },
  stage: (write: WriteRows) => Promise<Staged>,
  whenRejected: (tx: Connection, counts: { read: number; known: number; rejected: number }) => Promise<void>,
): Promise<Intake> {
  const staging = await Staging.create(tx);
  let staged: Staged | null = null;
  await copyInto(tx, STAGING_TABLE, STAGING_COLUMNS, async (write) => {
    staged = await stage(write);
  });
  const { source, origin, fileName, fileSha256, read, damaged, hasSales, namesSubscriptions, defaulted, grows, place } =
    staged as unknown as Staged;
  await staging.settle(damaged);
  await lockSource(tx, source);
  await stageNames(staging);

  const found = await findSource(tx, source);
  let rejected = damaged;
  let known = 0;
  rejected += await rejectUnknownInstances(staging, place('instance'));
  if (!options.createAccounts) rejected += await rejectUnknownAccounts(staging, place('account'));
  if (namesSubscriptions) rejected += await rejectUnknownSubscriptions(staging, place('subscription'));
  if (grows === true) known += await takeGrowth(staging, found);
  if (found !== null) {
    const stored = await settleStored(staging, found, place('external_id'));
    known += stored.known;
    rejected += stored.rejected;
  }
  const repeated = await settleRepeated(staging, place('external_id'));
  known += repeated.known;
  rejected += repeated.rejected;
  if (hasSales) {
    await stageSales(staging, found);
    rejected += await rejectSaleConflicts(staging, found, place);
  }
  let sums = await sumLive(staging);
  if (sums.some(({ kind }) => kind === 'signup')) {
    rejected += await rejectRepeatedSignups(staging, place('account'));
    sums = await sumLive(staging);
  }

  const counts = { read, known, rejected };
  if (rejected > 0) await whenRejected(tx, counts);
  const live = {
    events: sums.reduce((total, { events }) => total + events, 0),
    firstDay: Math.min(...sums.map(({ firstDay }) => firstDay)),
    lastDay: Math.max(...sums.map(({ lastDay }) => lastDay)),
  };
  if (live.events === 0) {
    return { ...counts, new: 0, accountsCreated: 0, productsCreated: 0, sums: [], batch: null };
  }

  const sourceId = await ensureSource(tx, source);
  const accountsCreated = options.createAccounts ? await createAccounts(staging) : 0;
  const productsCreated = await createProducts(staging);
  if (hasSales) {
    // Rows stopped since must not have had a say in the terms of a new sale.
    await stageSales(staging, sourceId);
    await recordSales(staging, sourceId);
  }
  const batch = await insertBatch(tx, { sourceId, origin, fileName, fileSha256, ...live, ...counts });
  await insertEvents(staging, {
    ...batch,
    sourceId,
    voids: found !== null && (await anyVoids(staging)),
    sales: hasSales,
    subscriptions: namesSubscriptions,
    defaulted,
  });
  return {
    ...counts,
    new: live.events,
    accountsCreated,
    productsCreated,
    sums: sums.map(netSum),
    batch: {
      id: batch.id,
      firstId: batch.firstId,
      lastId: String(BigInt(batch.firstId) + BigInt(live.events) - 1n),
      firstOn: addDays('1970-01-01', live.firstDay),
      lastOn: addDays('1970-01-01', live.lastDay),
    },
  };
}

function netSum({ currency, kind, events, net }: KindSum): NetSum {
  return { currency, kind, events, net: formatMinor(BigInt(net), currency) };
}
