import { UsageError } from '../domain/errors.ts';
import { readMapping, type Mapping } from './mapping.ts';

/**
 * How other systems hand out what they paid, so that nobody has to write a mapping for them. Built to what each of them
 * publishes: Rewardful the commission object of its API, with its sale; Dub the columns of its commission export;
 * PartnerStack the fields of its transactions and rewards. What was paid for a record that says it is void was nothing.
 */
export const HISTORY_LAYOUTS = ['rewardful', 'partnerstack', 'dub', 'generic'] as const;
export type HistoryLayout = (typeof HISTORY_LAYOUTS)[number];

/** Which column says what was paid, and which values of another say that it was not. */
export interface PaidColumns {
  readonly column: string;
  readonly unless: { readonly column: string; readonly values: readonly string[] } | null;
}

interface Layout {
  /** What a file of it is, in words. */
  readonly told: string;
  readonly mapping: string;
  /** Whether its records say of which instance they are: only our own words do. */
  readonly namesInstance?: true;
  readonly paid: PaidColumns;
}

const LAYOUTS: Readonly<Record<HistoryLayout, Layout>> = {
  rewardful: {
    told: 'commissions of its API with expand[]=sale, one object a line',
    mapping: `source = "rewardful"
format = "ndjson"
[columns]
external_id = "id"
occurred_at = "sale.charged_at"
net = "sale.sale_amount_cents"
currency = "sale.currency"
account = "sale.referral.customer.id"
[decimals]
minor = true
`,
    paid: { column: 'amount', unless: { column: 'state', values: ['voided'] } },
  },
  partnerstack: {
    told: 'its transactions as CSV (id, created_at, customer_key, product_key, amount in cents, currency), each with reward_amount and reward_status',
    mapping: `source = "partnerstack"
format = "csv"
[columns]
external_id = "id"
occurred_at = "created_at"
net = "amount"
currency = "currency"
account = "customer_key"
product = "product_key"
[kind]
rules = [{ column = "amount", sign = "negative", kind = "credit_note" }]
otherwise = "payment"
[decimals]
minor = true
`,
    paid: { column: 'reward_amount', unless: { column: 'reward_status', values: ['declined'] } },
  },
  dub: {
    told: 'its commission export with the columns ID, Type, Amount, Earnings, Currency, Status, Created at, Customer ID',
    mapping: `source = "dub"
format = "csv"
[columns]
external_id = "ID"
occurred_at = "Created at"
net = "Amount"
currency = "Currency"
account = "Customer ID"
[kind]
rules = [
  { column = "Type", value = "lead", kind = "signup" },
  { column = "Amount", sign = "negative", kind = "credit_note" },
]
otherwise = "payment"
`,
    paid: {
      column: 'Earnings',
      unless: { column: 'Status', values: ['refunded', 'duplicate', 'fraud', 'canceled'] },
    },
  },
  generic: {
    told: 'a CSV with external_id, occurred_at, kind, instance, account, net, currency, paid',
    mapping: `source = "other-system"
format = "csv"
[columns]
external_id = "external_id"
occurred_at = "occurred_at"
kind = "kind"
instance = "instance"
account = "account"
net = "net"
currency = "currency"
`,
    namesInstance: true,
    paid: { column: 'paid', unless: null },
  },
};

/** The mapping of a layout. @param defaultInstance where records go that name no instance @throws UsageError `instance_unnamed` */
export function readLayout(
  layout: HistoryLayout,
  defaultInstance: string | null,
): { readonly mapping: Mapping; readonly paid: PaidColumns } {
  const { mapping, namesInstance = false, paid } = LAYOUTS[layout];
  if (!namesInstance && defaultInstance === null) {
    throw new UsageError('instance_unnamed', `nothing in a file of ${layout} says of which instance it is`, {
      hint: 'name it: --default-instance CODE',
    });
  }
  return { mapping: readMapping(mapping, `layout ${layout}`, defaultInstance), paid };
}

/** What a file of a layout is, in words. */
export function layoutTold(layout: HistoryLayout): string {
  return LAYOUTS[layout].told;
}
