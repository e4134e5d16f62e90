import {
  chunkTotals,
  ensureWallets,
  postDecided,
  undecidedBatches,
  writeChunk,
  type ChunkTotals,
  type DecidedRange,
  type EntryColumns,
  type UndecidedEvent,
} from '../../db/queries/decisions.ts';
import { closedMonths, loadRuleBook, settingAsKnown, type DatedSetting } from '../../db/queries/rule-book.ts';
import { payableOn, postingDate } from '../../domain/decision-dates.ts';
import { UnavailableError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { DecidedLeg } from '../../domain/rating/model.ts';
import { rateEvent } from '../../domain/rating/rate.ts';
import { ruleBook, type RuleBook } from '../../domain/rating/rule-book.ts';
import { Timeline } from '../../domain/timeline.ts';
import type { Context, Unit } from '../context.ts';
import { doctorForChunks } from '../doctor/run-doctor.ts';
import { EventStream } from './event-stream.ts';
import { SaleStates } from './sale-states.ts';

export interface AccrualRun {
  readonly id: number;
  readonly attempt: number;
  /** Events with occurred_on ≤ this date are decided. */
  readonly businessDate: string;
  readonly knownSeq: number;
  readonly leaseSeconds: number;
}

export interface AccrualSummary {
  readonly events: number;
  readonly entries: number;
  readonly amounts: readonly {
    readonly currency: string;
    readonly positive: string;
    readonly negative: string;
    readonly net: string;
  }[];
  /** How many decisions were zero, by reason. */
  readonly zero: Readonly<Record<string, number>>;
  readonly transfers: number;
  readonly posting: number | null;
  readonly known_seq: number;
}

/** Events a guarded statement decides at a time: large enough to amortise a commit, small enough to lose little. */
const CHUNK_EVENTS = 20_000;

/**
 * Decides every undecided event with occurred_on ≤ the run's business date, in the order (occurred_on, id), and posts
 * what was decided. Chunks commit one by one, entries and cursors together, each under the run's lease; whatever a killed
 * run left decided but unposted is posted by the next one. Deciding is rateEvent() and nothing else.
 *
 * Writes. Throws UnavailableError `lease_lost` when another attempt took over, and `connection_lost`: the next run
 * resumes where the cursors stand. Source: SEMANTICS §4, §6.
 */
export async function accrueCommissions(
  work: { ctx: Context; unit: Unit; run: AccrualRun },
  options: { readonly chunkEvents?: number } = {},
): Promise<AccrualSummary> {
  const { ctx, unit, run } = work;
  const { chunkEvents = CHUNK_EVENTS } = options;
  const until = run.businessDate;
  const terms = await loadTerms(ctx, run.knownSeq);
  const batches = await undecidedBatches(ctx.db, until);
  const stream = new EventStream(ctx.db, batches, until, chunkEvents);
  const rating = new ChunkRating(unit, terms);
  const total = batches.reduce((sum, batch) => sum + batch.lastId - batch.decidedTo, 0);

  let decided = 0;
  let next = rating.rate(await stream.take(chunkEvents));
  try {
    for (let chunk = await next; chunk !== null; chunk = await next) {
      const { ranges, columns } = chunk;
      // While the server writes this chunk, the next one is read and rated.
      next = stream.take(chunkEvents).then(async (events) => await rating.rate(events));
      next.catch(() => {}); // awaited above; until then it must not count as unhandled
      if ((await unit(async (tx) => await writeChunk(tx, run, run.knownSeq, ranges, columns))) === null) {
        throw leaseLost(run);
      }
      decided += chunk.events;
      ctx.progress.step('accruing', decided, total);
    }
  } finally {
    await next.catch(() => {}); // nothing of this run reads on after it has ended
  }
  ctx.progress.done();
  return await unit(async (tx) => {
    const posting = await postDecided(tx, run);
    if (posting === 'lost') {
      throw leaseLost(run);
    }
    if (posting !== null) {
      // The doctor's own checks, for what this run decided, before anybody can see it posted (SEMANTICS §10).
      await doctorForChunks(tx, posting.chunkFrom, posting.chunkTo);
    }
    const totals = posting === null ? NOTHING : await chunkTotals(tx, posting.chunkFrom, posting.chunkTo);
    return {
      events: totals.events,
      entries: totals.entries,
      amounts: totals.byCurrency.map(({ currency, positive, negative }) => ({
        currency,
        positive: formatMinor(BigInt(positive), currency),
        negative: formatMinor(BigInt(negative), currency),
        net: formatMinor(BigInt(positive) + BigInt(negative), currency),
      })),
      zero: totals.zeroByReason,
      transfers: posting?.transfers ?? 0,
      // a dry run's number is rolled back with it, and somebody else will get it
      posting: ctx.dryRun ? null : (posting?.id ?? null),
      known_seq: run.knownSeq,
    };
  });
}

const NOTHING: ChunkTotals = { events: 0, entries: 0, byCurrency: [], zeroByReason: {} };

function leaseLost(run: AccrualRun): UnavailableError {
  return new UnavailableError(
    'lease_lost',
    `attempt ${run.attempt} lost its claim: it stood still for too long, or another run took over`,
    {
      hint: 'nothing more was written by this one; see `revshare job history`',
    },
  );
}

/** What rating and dating read besides the events, loaded once, as known at the run's number. */
interface Terms {
  readonly book: RuleBook;
  readonly closed: ReadonlySet<string>;
  readonly holdDays: (instanceId: number, date: string) => number;
  readonly knownSeq: number;
}

async function loadTerms(ctx: Context, knownSeq: number): Promise<Terms> {
  const content = await loadRuleBook(ctx.db, knownSeq);
  const closed = await closedMonths(ctx.db);
  const holds = await settingAsKnown(ctx.db, 'hold_days', knownSeq);
  return { book: ruleBook(content), closed, holdDays: holdDaysBy(holds), knownSeq };
}

/** An instance's own setting, else the programme's. */
function holdDaysBy(settings: readonly DatedSetting[]): Terms['holdDays'] {
  const timelines = new Map<number | null, Timeline<number | null>>();
  for (const instanceId of new Set(settings.map((setting) => setting.instanceId))) {
    const versions = settings.filter((setting) => setting.instanceId === instanceId);
    timelines.set(
      instanceId,
      Timeline.of(
        versions.map(({ from, to, value }) => ({ from, to, value: value as number })),
        null,
        'hold_days',
      ),
    );
  }
  const programme = timelines.get(null);
  return (instanceId, date) => timelines.get(instanceId)?.at(date) ?? programme?.at(date) ?? 0;
}

interface RatedChunk {
  readonly events: number;
  readonly ranges: readonly DecidedRange[];
  readonly columns: EntryColumns;
}

/** Rates chunk after chunk, keeping what carries over: wallets already met, and the sales of the chunk being written. */
class ChunkRating {
  readonly #unit: Unit;
  readonly #terms: Terms;
  readonly #sales: SaleStates;
  // partner → instance → currency → wallet: three lookups by value cost less than one by a joined string
  readonly #wallets = new Map<number, Map<number, Map<string, number>>>();

  constructor(unit: Unit, terms: Terms) {
    this.#unit = unit;
    this.#terms = terms;
    this.#sales = new SaleStates(unit);
  }

  /** Null for no events. */
  async rate(events: readonly UndecidedEvent[]): Promise<RatedChunk | null> {
    if (events.length === 0) {
      return null;
    }
    await this.#sales.load(events.flatMap((event) => (event.saleId === null ? [] : [event.saleId])));
    const decided: { event: UndecidedEvent; leg: DecidedLeg }[] = [];
    for (const event of events) {
      const progress = event.saleId === null ? null : this.#sales.get(event.saleId);
      const decision = rateEvent({
        event,
        sale: progress?.sale ?? null,
        state: progress?.state ?? null,
        book: this.#terms.book,
      });
      if (progress !== null) {
        progress.state = decision.state;
      }
      for (const leg of decision.legs) {
        decided.push({ event, leg });
      }
    }
    await this.#openWallets(decided);
    return { events: events.length, ranges: rangesOf(events), columns: this.#columnsOf(decided) };
  }

  #columnsOf(decided: readonly { event: UndecidedEvent; leg: DecidedLeg }[]): EntryColumns {
    const columns: EntryColumns = {
      eventId: [],
      leg: [],
      walletId: [],
      kind: [],
      reason: [],
      amount: [],
      base: [],
      full: [],
      ruleVersionId: [],
      knownSeq: [],
      ratePpm: [],
      tier: [],
      postingDate: [],
      payableOn: [],
    };
    const { closed, holdDays } = this.#terms;
    for (const { event, leg } of decided) {
      columns.eventId.push(event.id);
      columns.leg.push(leg.leg);
      columns.walletId.push(leg.partnerId === null ? null : this.#walletOf(leg.partnerId, event));
      columns.kind.push(leg.kind);
      columns.reason.push(leg.decisionReason);
      columns.amount.push(leg.amount);
      columns.base.push(leg.base);
      columns.full.push(leg.full);
      columns.ruleVersionId.push(leg.ruleVersionId);
      columns.knownSeq.push(leg.knownSeq);
      columns.ratePpm.push(leg.ratePpm);
      columns.tier.push(leg.tier);
      columns.postingDate.push(postingDate(event.occurredOn, closed));
      // A negative waits for nothing; what its sale's own positives wait for is looked up when it is netted (§4).
      columns.payableOn.push(
        leg.amount < 0n ? event.occurredOn : payableOn(event.occurredOn, holdDays(event.instanceId, event.occurredOn)),
      );
    }
    return columns;
  }

  async #openWallets(decided: readonly { event: UndecidedEvent; leg: DecidedLeg }[]): Promise<void> {
    const missing = new Map<string, { partnerId: number; instanceId: number; currency: string }>();
    for (const { event, leg } of decided) {
      if (
        leg.partnerId !== null &&
        this.#wallets.get(leg.partnerId)?.get(event.instanceId)?.get(event.currency) === undefined
      ) {
        const { instanceId, currency } = event;
        missing.set(`${leg.partnerId} ${instanceId} ${currency}`, { partnerId: leg.partnerId, instanceId, currency });
      }
    }
    if (missing.size === 0) {
      return;
    }
    for (const wallet of await this.#unit(async (tx) => await ensureWallets(tx, [...missing.values()]))) {
      const ofPartner = this.#wallets.get(wallet.partnerId) ?? new Map<number, Map<string, number>>();
      const ofInstance = ofPartner.get(wallet.instanceId) ?? new Map<string, number>();
      this.#wallets.set(wallet.partnerId, ofPartner.set(wallet.instanceId, ofInstance.set(wallet.currency, wallet.id)));
    }
  }

  #walletOf(partnerId: number, { instanceId, currency }: UndecidedEvent): number {
    const found = this.#wallets.get(partnerId)?.get(instanceId)?.get(currency);
    if (found === undefined) {
      throw new Error(`the wallet of partner ${partnerId}, instance ${instanceId}, ${currency} was not opened`);
    }
    return found;
  }
}

/** One contiguous range a batch: the stream hands out each batch's events in the order of their ids. */
function rangesOf(events: readonly UndecidedEvent[]): DecidedRange[] {
  const ranges = new Map<number, { batchId: number; firstId: number; lastId: number }>();
  for (const { batchId, id } of events) {
    const range = ranges.get(batchId);
    if (range === undefined) {
      ranges.set(batchId, { batchId, firstId: id, lastId: id });
    } else {
      range.lastId = id;
    }
  }
  return [...ranges.values()];
}
