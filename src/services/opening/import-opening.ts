import type { Connection } from '../../db/connection.ts';
import { isSaleKnown, whyNotOpened, type OpenedAccount, type OpenedPartner } from '../../db/queries/opening.ts';
import { productIdByCode } from '../../db/queries/products.ts';
import type { Act, ActLeg } from '../../domain/acts.ts';
import { NotFoundError, RefusedError, UsageError } from '../../domain/errors.ts';
import { readWhole } from '../../files/read-whole.ts';
import type { NamedRows } from '../../formats/named-rows.ts';
import { readOpeningFile, type OpeningRecord } from '../../formats/opening-file.ts';
import { findAccount } from '../account/find-account.ts';
import { findHolder } from '../adjustment/give.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { notFound } from '../not-found.ts';
import { findPartner, findTier } from '../partner/find-partner.ts';
import { rowsRejected, type RowProblem } from '../rejected-rows.ts';
import { today } from '../today.ts';

export interface OpeningImport {
  readonly file: string;
  /** What messages call it. */
  readonly label: string;
  /** The day that the balances are of; today unless told. */
  readonly on?: string | undefined;
  readonly reason: string;
}

type Row = OpeningRecord & { readonly line: number };
type Of<R extends OpeningRecord['record']> = Extract<Row, { record: R }>;

/**
 * Asks to begin the books with a history: wallets, open sales, partners and accounts of a file, whole or not at all. A
 * sale carries over what it has earned, so that whatever comes of it later finds its cumulative target; its wallet's
 * balance less that is carried over beside it, so that the wallet has what the file says. Always waits for a second
 * person; once, and before anything is decided. Writes.
 * @throws RefusedError `books_begun`, UsageError `rows_rejected`, `columns_missing`, `column_unknown`, `file_…`
 */
export async function importOpening(ctx: Context, asked: OpeningImport): Promise<Request> {
  const { file, label, reason } = asked;
  const day = today(ctx);
  const on = asked.on ?? day;
  if (on > day) throw new UsageError('date_future', `${on} is not over yet: it is ${day}`);
  const list = readOpeningFile(label, await readWhole(file, label));
  return await ctx.write(async (tx) => {
    await assertUnopened(tx);
    const { opened, problems } = await resolve(ctx, tx, list, on);
    const rejected = [...list.problems, ...problems].sort((a, b) => a.line - b.line);
    const read = list.rows.length + list.problems.length;
    if (rejected.length > 0) throw rowsRejected(label, read, rejected);
    if (read === 0) throw new UsageError('file_empty', `${label} has no record`);
    const acts = [...opened.sales, ...opened.wallets];
    const counted = [
      count(opened.balances, 'wallet'),
      count(opened.sales.length, 'open sale'),
      count(opened.partners.length, 'partner'),
      count(opened.accounts.length, 'account'),
    ];
    const about = `opening of ${on}: ${counted.filter((one) => one !== null).join(', ')}`;
    const terms = { about, on, partners: opened.partners, accounts: opened.accounts };
    return requestView(await askFor(ctx, tx, { kind: 'opening', reason, terms, acts }));
  });
}

function count(many: number, noun: string): string | null {
  return many === 0 ? null : `${many} ${noun}${many === 1 ? '' : 's'}`;
}

async function assertUnopened(tx: Connection): Promise<void> {
  const why = await whyNotOpened(tx);
  if (why === null) return;
  throw new RefusedError(
    'books_begun',
    why === 'opened' ? 'these books are opened already' : 'books are opened before anything is decided in them',
    { hint: 'what they should have begun with is put right by adjustments: revshare adjustment add' },
  );
}

interface Opened {
  readonly sales: readonly Act[];
  readonly wallets: readonly Act[];
  /** How many wallets the file names; one at 0 needs no act. */
  readonly balances: number;
  readonly partners: readonly OpenedPartner[];
  readonly accounts: readonly OpenedAccount[];
}

/** Looks up who and what the rows name; whatever is not there, or there twice, is a problem of its row and column. */
async function resolve(
  ctx: Context,
  tx: Connection,
  { rows, columnOf }: NamedRows<OpeningRecord>,
  on: string,
): Promise<{ opened: Opened; problems: RowProblem[] }> {
  const problems: RowProblem[] = [];
  const refuse = (row: Row, field: string, problem: Pick<RowProblem, 'code' | 'reason' | 'remedy'>) =>
    problems.push({ line: row.line, column: columnOf(field), field, ...problem });
  const found = async <T>(row: Row, field: string, look: () => Promise<T>): Promise<T | null> => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof NotFoundError) && !(error instanceof RefusedError)) throw error;
      const where = error.code === 'instance_not_found' ? 'instance' : field;
      refuse(row, where, { code: error.code, reason: error.message, remedy: error.hint ?? '' });
      return null;
    }
  };
  const lines = new Map<string, number>();
  const isFirst = (row: Row, field: string, key: string): boolean => {
    const before = lines.get(key);
    if (before === undefined) {
      lines.set(key, row.line);
      return true;
    }
    refuse(row, field, {
      code: 'said_twice',
      reason: `line ${before} says it already`,
      remedy: 'leave one of the two',
    });
    return false;
  };

  const wallets = new Map<string, { row: Of<'wallet'>; partnerId: number; instanceId: number; rest: bigint }>();
  for (const row of rows.filter((one) => one.record === 'wallet')) {
    const holder = await found(row, 'partner', async () => await findHolder(ctx, tx, row));
    if (holder === null || !isFirst(row, 'partner', walletOf(row))) continue;
    wallets.set(walletOf(row), { row, partnerId: holder.partner.id, instanceId: holder.instanceId, rest: row.amount });
  }

  const sales: Act[] = [];
  for (const row of rows.filter((one) => one.record === 'sale')) {
    if (!isFirst(row, 'sale_ref', `sale ${row.source} ${row.saleRef}`)) continue;
    const wallet = wallets.get(walletOf(row));
    if (wallet === undefined) {
      const reason = `there is no balance of wallet ${walletOf(row)}`;
      refuse(row, 'partner', {
        code: 'wallet_missing',
        reason,
        remedy: 'give its row too, with 0 where nothing is owed',
      });
      continue;
    }
    if (await isSaleKnown(tx, row.source, row.saleRef)) {
      const reason = `sale ${row.saleRef} of ${row.source} is recorded already`;
      refuse(row, 'sale_ref', { code: 'sale_known', reason, remedy: 'open the books before revenue is imported' });
      continue;
    }
    const { instance, account, product } = row;
    const accountId = await found(row, 'account', async () =>
      account === null ? undefined : (await findAccount(tx, { instance, code: account })).id,
    );
    const productId = await found(row, 'product', async () =>
      product === null ? undefined : ((await productIdByCode(tx, product)) ?? (await missingProduct(tx, product))),
    );
    wallet.rest -= row.posted;
    sales.push({
      kind: 'opening',
      instance_id: wallet.instanceId,
      currency: row.currency,
      sale: {
        source: row.source,
        ref: row.saleRef,
        net_minor: String(row.saleNet),
        date: row.saleDate,
        ...(accountId == null ? {} : { account_id: accountId }),
        ...(productId == null ? {} : { product_id: productId }),
        collected_minor: String(row.collected),
      },
      legs: [openingLeg(wallet.partnerId, row.posted, wallet.row.payableOn ?? on)],
    });
  }

  const partners: OpenedPartner[] = [];
  for (const row of rows.filter((one) => one.record === 'partner')) {
    const partner = await found(row, 'partner', async () => await findPartner(tx, row.partner, today(ctx)));
    const { tier } = row;
    const named = tier === null ? null : await found(row, 'tier', async () => await findTier(tx, tier));
    if (partner === null || !isFirst(row, 'partner', `partner ${row.partner} ${row.currency}`)) continue;
    partners.push({
      partner_id: partner.id,
      currency: row.currency,
      paid_minor: String(row.paid),
      withheld_minor: String(row.withheld),
      ...(named === null ? {} : { tier: named }),
      ...(row.missedEvaluations === null ? {} : { missed_evaluations: row.missedEvaluations }),
    });
  }

  const accounts: OpenedAccount[] = [];
  for (const row of rows.filter((one) => one.record === 'account')) {
    const { instance, account: code } = row;
    const account = await found(row, 'account', async () => await findAccount(tx, { instance, code }));
    if (account === null || !isFirst(row, 'account', `account ${instance} ${code}`)) continue;
    accounts.push({
      account_id: account.id,
      first_sale_on: row.firstSaleOn,
      first_sale_only: row.firstSaleOnly,
      ...(row.earningMonths === null ? {} : { earning_months: row.earningMonths }),
    });
  }

  const balances: Act[] = [...wallets.values()]
    .filter(({ rest }) => rest !== 0n)
    .map(({ row, partnerId, instanceId, rest }) => ({
      kind: 'opening',
      instance_id: instanceId,
      currency: row.currency,
      legs: [openingLeg(partnerId, rest, row.payableOn ?? on)],
    }));
  const opened = {
    sales,
    wallets: balances,
    balances: wallets.size,
    // As the database lists them when it compares.
    partners: partners.sort((a, b) => a.partner_id - b.partner_id || (a.currency < b.currency ? -1 : 1)),
    accounts: accounts.sort((a, b) => a.account_id - b.account_id),
  };
  return { opened, problems };
}

const walletOf = ({ partner, instance, currency }: { partner: string; instance: string; currency: string }): string =>
  `${partner}/${instance}/${currency}`;

/** What is owed to a partner may be paid from its date on, or from the day of the opening; what a partner owes is due at once. */
function openingLeg(partnerId: number, amount: bigint, payableOn: string): ActLeg {
  const leg = { leg: 0, partner_id: partnerId, amount_minor: String(amount), base_minor: '0' };
  return amount < 0n ? leg : { ...leg, payable_on: payableOn };
}

async function missingProduct(tx: Connection, code: string): Promise<never> {
  throw await notFound(tx, 'product', code);
}
