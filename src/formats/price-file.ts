import type { BillingCycle } from '../domain/billing-cycles.ts';
import { parseCode } from '../domain/codes.ts';
import { currency } from '../domain/currencies.ts';
import { parseDate } from '../domain/dates.ts';
import { parseCycle, parsePrice, parseRegion, parseUnitPrice } from '../domain/prices.ts';
import { readNamedRows, said, type NamedRow, type NamedRows } from './named-rows.ts';

/** A row of a price list: of a plan a cycle, or of a meter a unit. Amounts as they are written, proved to be prices. */
export interface ListedPrice {
  readonly plan: string | undefined;
  readonly meter: string | undefined;
  readonly cycle: BillingCycle | undefined;
  readonly region: string | undefined;
  readonly currency: string;
  readonly wholesale: string | undefined;
  readonly list: string | undefined;
  readonly unitPrice: string | undefined;
  readonly from: string;
  readonly to: string | null;
}

const COLUMNS = {
  required: ['currency', 'from'],
  optional: ['plan', 'meter', 'cycle', 'region', 'wholesale', 'list', 'unit_price', 'to'],
};

/** Reads a price list. @param file name for messages. @throws UsageError for a file that cannot be read as one */
export function readPriceFile(file: string, bytes: Buffer): NamedRows<ListedPrice> {
  return readNamedRows(file, bytes, COLUMNS, listedPrice);
}

function listedPrice(row: NamedRow): ListedPrice {
  const plan = row.maybe('plan', parseCode) ?? undefined;
  const meter = row.maybe('meter', parseCode) ?? undefined;
  if ((plan === undefined) === (meter === undefined)) {
    row.refuse('plan', 'price_item', 'a price is of a plan or of a meter', 'fill in one of the two');
  }
  const code = row.read('currency', (text) => currency(said(text).toUpperCase()).code);
  const ofPlan = plan !== undefined;
  const written = <T>(column: string, wanted: boolean, parse: (text: string) => T) => {
    if (wanted) return row.read(column, (text) => parse(said(text)));
    if (row.maybe(column, (text) => text) !== null) {
      const reason = `the price of a ${ofPlan ? 'plan' : 'meter'} has no ${column}`;
      row.refuse(column, 'price_incomplete', reason, 'leave it blank');
    }
    return undefined;
  };
  // Kept as it is written: what it is worth is read once more where it is set.
  const amount = (text: string) => (parsePrice(text, code), text);
  const from = row.read('from', (text) => parseDate(said(text)));
  const to = row.maybe('to', parseDate);
  if (to !== null && to <= from) {
    row.refuse('to', 'window_empty', `no day lies in [${from}, ${to})`, 'it is the first day it is no longer so');
  }
  return {
    plan,
    meter,
    cycle: written('cycle', ofPlan, parseCycle),
    region: row.maybe('region', parseRegion) ?? undefined,
    currency: code,
    wholesale: written('wholesale', ofPlan, amount),
    list: written('list', ofPlan, amount),
    unitPrice: written('unit_price', !ofPlan, parseUnitPrice),
    from,
    to,
  };
}
