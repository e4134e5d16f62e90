import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { trialBalanceRows } from '../../db/queries/ledger.ts';
import { earlierOpenMonth, entriesAgainstWallets, openWorkBefore, periodBounds } from '../../db/queries/periods.ts';
import { openWindows } from '../../db/queries/true-ups.ts';
import { addDays, type Period } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { runDoctor } from '../doctor/run-doctor.ts';
import { rolledBack } from '../mutation.ts';
import { generateStatements } from '../statement/generate-statements.ts';
import { verifyStatements } from '../statement/verify-statements.ts';
import { today } from '../today.ts';

export interface ChecklistStep {
  readonly step: string;
  /** `told`: worth knowing, and no reason not to close. */
  readonly result: 'ok' | 'told' | 'blocks';
  readonly found: string;
  /** What removes what stands in the way: a command, where one does. */
  readonly remedy: string | null;
}

type Found = Omit<ChecklistStep, 'step'>;
type Examine = (ctx: Context, period: Period) => Promise<Found>;

const ok = (found: string): Found => ({ result: 'ok', found, remedy: null });
const blocks = (found: string, remedy: string): Found => ({ result: 'blocks', found, remedy });
const lastOf = (period: Period) => addDays(period.to, -1);

/** What is looked at before a period closes, the cheap before the long. */
const STEPS: Readonly<Record<string, Examine>> = {
  async order(ctx, period) {
    if (period.to > today(ctx)) {
      return blocks(`it is ${today(ctx)}, and its last day is ${lastOf(period)}`, 'close it when it is over');
    }
    const { closedBefore } = await periodBounds(ctx.db);
    if (closedBefore !== null && period.from < closedBefore)
      return blocks('it is closed already', `revshare period reopen ${period.label} --reason …`);
    const earlier = await earlierOpenMonth(ctx.db, period.from);
    if (earlier === null) return ok('it is over, and every period before it is closed');
    return blocks(`${earlier} is not closed`, `revshare period close ${earlier}`);
  },

  async events(ctx, period) {
    const { undecided, waiting } = await openWorkBefore(ctx.db, period.to);
    if (undecided > 0) {
      return blocks(
        `undecided events up to ${lastOf(period)}: ${undecided}`,
        `revshare job run accrue-commissions --for ${lastOf(period)}`,
      );
    }
    if (waiting > 0) {
      return blocks(
        `events that wait for an exchange rate: ${waiting}`,
        'revshare fx import FILE, then the accrual again',
      );
    }
    return ok(`every event up to ${lastOf(period)} is decided`);
  },

  async requests(ctx, period) {
    const { requests } = await openWorkBefore(ctx.db, period.to);
    if (requests.length === 0) return ok('nobody waits for a second person with what is of the period');
    return blocks(`not answered: request ${some(requests.map(String))}`, 'revshare approval approve or reject REQUEST');
  },

  async nights(ctx, period) {
    const { unpostedChunks, running } = await openWorkBefore(ctx.db, period.to);
    if (running !== null) return blocks(`at work: ${running}`, 'wait for it: `revshare job history` shows it');
    if (unpostedChunks > 0) {
      return blocks('a night has decided and not posted', 'revshare job run accrue-commissions');
    }
    return ok('all that is decided is posted');
  },

  async true_ups(ctx, period) {
    const due = await openWindows(ctx.db, lastOf(period), await latestKnownSeq(ctx.db), MANY);
    if (due.length === 0) return ok('every window that has ended is trued up');
    return blocks(
      `windows that have ended and are not trued up: ${due.length}${due.length === MANY ? ' or more' : ''}`,
      `revshare job run close-windows --for ${lastOf(period)}`,
    );
  },

  async payouts(ctx, period) {
    const { drafts, inTransit } = await openWorkBefore(ctx.db, period.to);
    if (drafts.length > 0) {
      return blocks(
        `neither sent nor cancelled: ${some(drafts)}`,
        'revshare payout approve RUN and submit RUN, or cancel PAYOUT',
      );
    }
    if (inTransit.length === 0) return ok('none is open');
    return { result: 'told', found: `in transit over the end of the period: ${some(inTransit)}`, remedy: null };
  },

  async statements(ctx, period) {
    const { made, statements } = await missingStatements(ctx, period);
    const generate = `revshare statement generate --all --period ${period.label}`;
    if (made > 0) return blocks(`not generated: ${made}`, generate);
    const verified = await verifyStatements(ctx, { from: period.from, to: period.to, live: true });
    const wrong = verified.filter(({ intact, proved, current }) => !intact || !proved || current === false);
    if (wrong.length > 0) {
      return blocks(
        `outdated or not proved: ${some(wrong.map(({ number }) => number))}`,
        `revshare statement void NUMBER --reason …, then ${generate}`,
      );
    }
    return ok(`generated, and as the books say: ${statements.length}`);
  },

  async doctor(ctx) {
    const { checks, differences } = await runDoctor(ctx);
    const failed = checks.filter(({ result }) => result === 'difference').map(({ name }) => name);
    if (differences > 0) return blocks(`checks that differ: ${some(failed)}`, 'revshare doctor');
    return ok('no check finds a difference');
  },

  async control_totals(ctx, period) {
    const sums = new Map<string, bigint>();
    for (const { currency, debit, credit } of await trialBalanceRows(ctx.db, { date: lastOf(period) })) {
      sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(debit) - BigInt(credit));
    }
    const unbalanced = [...sums].filter(([, sum]) => sum !== 0n);
    if (unbalanced.length > 0) {
      const said = unbalanced.map(([code, sum]) => `${formatMinor(sum, code)} ${code}`);
      return blocks(`debits and credits differ by ${said.join(', ')}`, 'revshare doctor');
    }
    const sides = await entriesAgainstWallets(ctx.db, period);
    const apart = sides.filter(({ entries, wallets }) => entries !== wallets).map(({ currency }) => currency);
    if (apart.length > 0) return blocks(`entries and wallets differ in ${apart.join(', ')}`, 'revshare doctor');
    const said = sides.map(({ currency, entries }) => `${formatMinor(BigInt(entries), currency)} ${currency}`);
    return ok(
      `debits equal credits${said.length === 0 ? '' : `; entries and wallet postings are ${said.join(', ')} each`}`,
    );
  },
};

/** More windows than anybody counts. */
const MANY = 1000;

/** What a statement run would make now: none, if all are there. One that it would refuse stands in the way by itself. */
async function missingStatements(ctx: Context, period: Period): ReturnType<typeof generateStatements> {
  return await rolledBack(ctx, async (inside) => await generateStatements(inside, { period }));
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/**
 * Looks at everything that should be done before a period closes, all of it however much stands in the way. Reads only; the
 * database itself refuses the order, and what is decided and not posted. Source: SEMANTICS §9.
 */
export async function examineClosing(ctx: Context, period: Period): Promise<ChecklistStep[]> {
  const found: ChecklistStep[] = [];
  for (const [step, examine] of Object.entries(STEPS)) {
    ctx.progress.step(`closing ${period.label}: ${step.replaceAll('_', ' ')}`, found.length, Object.keys(STEPS).length);
    found.push({ step, ...(await refusedIsFound(examine(ctx, period))) });
  }
  ctx.progress.done();
  return found;
}

/** What a step is refused by stands in the way like anything else. */
async function refusedIsFound(examined: Promise<Found>): Promise<Found> {
  try {
    return await examined;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return blocks(error.message, error.hint ?? '');
  }
}
