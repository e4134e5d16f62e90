import { parseCode } from '../domain/codes.ts';
import { currency } from '../domain/currencies.ts';
import { parseDate } from '../domain/dates.ts';
import { UsageError } from '../domain/errors.ts';
import { parseDecimal } from '../domain/money.ts';
import { isWithinLimit, limitOf } from './event-values.ts';
import { shorten } from './records.ts';
import { readNamedRows, said, type NamedRow, type NamedRows } from './named-rows.ts';

/** What books begin with, a record a row; amounts in minor units. */
export type OpeningRecord =
  | {
      readonly record: 'wallet';
      readonly partner: string;
      readonly instance: string;
      readonly currency: string;
      /** What the partner has, or owes when it is below 0. */
      readonly amount: bigint;
      readonly payableOn: string | null;
    }
  | {
      readonly record: 'sale';
      readonly partner: string;
      readonly instance: string;
      readonly currency: string;
      readonly source: string;
      readonly saleRef: string;
      readonly saleDate: string;
      readonly account: string | null;
      readonly product: string | null;
      readonly saleNet: bigint;
      /** Received less returned: more than 0. */
      readonly collected: bigint;
      readonly posted: bigint;
    }
  | {
      readonly record: 'partner';
      readonly partner: string;
      readonly currency: string;
      readonly paid: bigint;
      readonly withheld: bigint;
      readonly tier: string | null;
      readonly missedEvaluations: number | null;
    }
  | {
      readonly record: 'account';
      readonly instance: string;
      readonly account: string;
      readonly firstSaleOn: string;
      readonly firstSaleOnly: boolean;
      readonly earningMonths: number | null;
    };

const COLUMNS = {
  required: ['record'],
  optional: [
    ...[
      'partner',
      'instance',
      'currency',
      'amount',
      'payable_on',
      'source',
      'sale_ref',
      'sale_date',
      'account',
      'product',
    ],
    ...['sale_net', 'received', 'returned', 'posted', 'paid', 'withheld', 'tier', 'missed_evaluations'],
    ...['first_sale_on', 'first_sale_only', 'earning_months'],
  ],
};

/** Reads the opening of books. @param file name for messages @throws UsageError for what is no such file */
export function readOpeningFile(file: string, bytes: Buffer): NamedRows<OpeningRecord> {
  return readNamedRows(file, bytes, COLUMNS, openingRecord);
}

function openingRecord(row: NamedRow): OpeningRecord {
  const kind = row.read('record', (text) => recordOf(said(text)));
  const code = (column: string) => row.read(column, (text) => parseCode(said(text)));
  const day = (column: string) => row.read(column, (text) => parseDate(said(text)));
  if (kind === 'account') {
    return {
      record: kind,
      instance: code('instance'),
      account: row.read('account', said),
      firstSaleOn: day('first_sale_on'),
      firstSaleOnly: row.maybe('first_sale_only', yesOrNo) ?? false,
      earningMonths: row.maybe('earning_months', count(1)),
    };
  }
  const money = row.read('currency', (text) => currency(said(text).toUpperCase()).code);
  const amount = (column: string) => row.read(column, (text) => amountOf(said(text), money));
  const positive = (column: string) => {
    const minor = row.maybe(column, (text) => amountOf(text, money)) ?? 0n;
    if (minor < 0n) row.refuse(column, 'amount_sign', 'is below 0', 'write it without a sign');
    return minor;
  };
  if (kind === 'partner') {
    const [paid, withheld] = [positive('paid'), positive('withheld')];
    if (withheld > paid) row.refuse('withheld', 'withheld_more', 'more is withheld than was paid', 'paid is gross');
    const missedEvaluations = row.maybe('missed_evaluations', count(0));
    return {
      record: kind,
      partner: code('partner'),
      currency: money,
      paid,
      withheld,
      tier: row.maybe('tier', parseCode),
      missedEvaluations,
    };
  }
  const place = { partner: code('partner'), instance: code('instance'), currency: money };
  if (kind === 'wallet') {
    return { record: kind, ...place, amount: amount('amount'), payableOn: row.maybe('payable_on', parseDate) };
  }
  const [received, returned] = [positive('received'), positive('returned')];
  if (received <= returned) {
    const remedy = 'leave the sale out: the rules decide it when it is paid';
    row.refuse('received', 'nothing_collected', 'nothing of the sale is collected', remedy);
  }
  const saleNet = amount('sale_net');
  if (saleNet <= 0n) row.refuse('sale_net', 'amount_sign', 'a sale is more than 0', 'leave it out: it earns nothing');
  return {
    record: kind,
    ...place,
    source: row.read('source', (text) => parseCode(said(text))),
    saleRef: row.read('sale_ref', said),
    saleDate: day('sale_date'),
    account: row.maybe('account', said),
    product: row.maybe('product', said),
    saleNet,
    collected: received - returned,
    posted: positive('posted'),
  };
}

function amountOf(text: string, money: string): bigint {
  const minor = parseDecimal(text, money);
  if (isWithinLimit(minor)) return minor;
  throw new UsageError('amount_out_of_range', `'${shorten(text)}' is too large: ${limitOf(money)}`, {
    hint: 'mend it',
  });
}

const RECORDS = ['wallet', 'sale', 'partner', 'account'] as const;

function recordOf(text: string): (typeof RECORDS)[number] {
  const found = RECORDS.find((record) => record === text.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError('record_unknown', `'${text.slice(0, 40)}' is no record of an opening`, {
    hint: `write ${RECORDS.join(', ')}`,
  });
}

function yesOrNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw new UsageError('value_invalid', `'${text.slice(0, 40)}' is neither yes nor no`, { hint: 'write yes or no' });
}

const count = (least: number) => (text: string) => {
  const number = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= 1200) return number;
  throw new UsageError('number_invalid', `'${text.slice(0, 40)}' is no whole number from ${least}`, {
    hint: 'leave it blank where there is none',
  });
};
