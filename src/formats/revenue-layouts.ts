import { UsageError } from '../domain/errors.ts';
import { readMapping, type Mapping } from './mapping.ts';
import { shorten, type RecordProblem } from './records.ts';
import type { RevenueLayout } from './revenue-layout-names.ts';

/** One kind of event that a record may be. */
export interface LayoutPart {
  readonly mapping: Mapping;
  /** A column in which a record of this part has an amount; null: every record is one. */
  readonly amount: string | null;
  /** What it says of an amount is what has come together of it so far, and not what is new. */
  readonly grows: boolean;
}

export interface ReadLayout {
  readonly parts: readonly [LayoutPart, ...LayoutPart[]];
  /** Columns that are made of others, by name. */
  readonly derived: Readonly<Record<string, (value: (column: string) => string) => string>>;
  /** All of them say that a record is money that arrived, or one that it is none. */
  readonly standing: readonly Standing[];
}

/** What a column says of whether a record is money that arrived. Values in lower case. */
export interface Standing {
  readonly column: string;
  readonly taken: readonly string[];
  readonly passed: readonly string[];
}

interface Layout {
  readonly mapping: string;
  readonly standing: readonly Standing[];
  readonly derived?: ReadLayout['derived'];
  /** A second event of the same record: its mapping, dated as told. */
  readonly refunds?: (dated: string) => string;
}

const UTC = '[dates]\nzone = "UTC"\n[decimals]\ngroup = ","\n';
const REFUNDED_ON = 'Refunded date (UTC)';

/**
 * How billing systems hand out what customers paid, so that nobody has to write a mapping for them. Built to what each of
 * them publishes: Stripe the columns of the payments and of the invoices export of its Dashboard, Lago those of its data
 * export of invoices. None of them says of which instance a record is.
 */
const LAYOUTS: Readonly<Record<RevenueLayout, Layout>> = {
  'stripe-charges': {
    mapping: `source = "stripe"
format = "csv"
[columns]
external_id = "id"
occurred_at = "Created date (UTC)"
net = "Amount"
currency = "Currency"
account = "Customer ID"
sale_ref = "id"
sale_net = "Amount"
[kind]
otherwise = "payment"
${UTC}`,
    refunds: (dated) => `source = "stripe"
format = "csv"
[columns]
external_id = { columns = ["id", "Amount Refunded"], separator = "/refunded-" }
occurred_at = ${dated}
net = "Amount Refunded"
currency = "Currency"
account = "Customer ID"
sale_ref = "id"
sale_net = "Amount"
[kind]
rules = [{ column = "Amount Refunded", sign = "positive", kind = "refund", negate = true }]
${UTC}`,
    standing: [
      {
        column: 'Status',
        taken: ['paid', 'succeeded', 'refunded', 'partial refund', 'partially refunded', 'disputed'],
        passed: ['failed', 'pending', 'canceled', 'cancelled', 'uncaptured', 'incomplete', 'blocked', 'expired'],
      },
    ],
  },
  'stripe-invoices': {
    mapping: `source = "stripe-invoices"
format = "csv"
[columns]
external_id = "id"
occurred_at = "Date (UTC)"
gross = "Total"
tax = { column = "Tax", default = "0" }
currency = "Currency"
account = "Customer"
[kind]
otherwise = "payment"
${UTC}`,
    standing: [{ column: 'Status', taken: ['paid'], passed: ['draft', 'open', 'void', 'uncollectible', 'deleted'] }],
  },
  'lago-invoices': {
    mapping: `source = "lago"
format = "csv"
[columns]
external_id = "lago_id"
occurred_at = "issuing_date"
net = "fees less coupons"
tax = { column = "taxes_amount_cents", default = "0" }
currency = "currency"
account = "customer_external_id"
country = "customer_country"
[kind]
otherwise = "payment"
[decimals]
minor = true
`,
    derived: {
      'fees less coupons': (value) => lessCents(value('fees_amount_cents'), value('coupons_amount_cents')),
    },
    standing: [
      {
        column: 'status',
        taken: ['finalized'],
        passed: ['draft', 'voided', 'generating', 'failed', 'open', 'closed', 'pending'],
      },
      { column: 'payment_status', taken: ['succeeded'], passed: ['pending', 'failed'] },
      {
        column: 'invoice_type',
        taken: ['subscription', 'add_on', 'one_off', 'one-off', 'advance_charges', 'progressive_billing'],
        passed: ['credit'],
      },
    ],
  },
};

/** A difference of whole cents; what is no number is left to be refused as what it is. */
function lessCents(amount: string, off: string): string {
  const whole = /^\s*-?\d{1,18}\s*$/;
  if (!whole.test(amount)) return amount;
  if (off.trim() === '') return amount;
  return whole.test(off) ? String(BigInt(amount) - BigInt(off)) : off;
}

/**
 * A layout for the files of it.
 * @param defaultInstance where all of its records go
 * @throws UsageError `instance_unnamed`
 */
export function readRevenueLayout(layout: RevenueLayout, defaultInstance: string | null): LayoutReading {
  if (defaultInstance === null) {
    throw new UsageError('instance_unnamed', `nothing in a file of ${layout} says of which instance it is`, {
      hint: 'name it: --default-instance CODE',
    });
  }
  const { mapping, refunds, derived = {}, standing } = LAYOUTS[layout];
  const part = (text: string, amount: string | null, grows: boolean): LayoutPart => ({
    mapping: readMapping(text, `layout ${layout}`, defaultInstance),
    amount,
    grows,
  });
  const first = part(mapping, null, false);
  const of = (names: readonly string[], today: string): ReadLayout => {
    // The export has the day of the last refund where somebody chose that column; else a refund is of the day it is read.
    const dated = names.includes(REFUNDED_ON)
      ? `{ column = "${REFUNDED_ON}", default = "${today}" }`
      : `{ constant = "${today}" }`;
    return {
      parts: refunds === undefined ? [first] : [first, part(refunds(dated), 'Amount Refunded', true)],
      derived,
      standing,
    };
  };
  return { mapping: first.mapping, of };
}

export interface LayoutReading {
  /** Of its payments: what source and form the file has. */
  readonly mapping: Mapping;
  /** The layout for a file with these columns, read on a day. */
  of(names: readonly string[], today: string): ReadLayout;
}

/** Whether a record is money that arrived, by its columns; or what is wrong where it says what nobody knows. */
export function standingOf(
  standing: readonly Standing[],
  columns: ReadonlyMap<string, number>,
  fields: readonly string[],
): boolean | RecordProblem {
  let taken = true;
  for (const { column, taken: arrived, passed } of standing) {
    const at = columns.get(column)!;
    const value = fields[at]!.trim().toLowerCase();
    if (passed.includes(value)) taken = false;
    else if (!arrived.includes(value)) {
      return {
        column: at + 1,
        field: column,
        code: 'standing_unknown',
        reason: `'${shorten(fields[at]!)}' is not known to be money that arrived, or to be none`,
        remedy: `known are ${[...arrived, ...passed].join(', ')}; import it with a mapping file of your own`,
      };
    }
  }
  return taken;
}
