import type { Comparison } from '../../../services/payout/compare-payouts.ts';
import type { PayoutRun } from '../../../services/payout/list-runs.ts';
import type { RegisterFile } from '../../../services/payout/payout-register.ts';
import type { PayoutFile } from '../../../services/payout/payout-files.ts';
import type { PayoutTotal } from '../../../services/payout/payout-totals.ts';
import { checkersText } from '../../../services/payout/run-checks.ts';
import type { SentPayout } from '../../../services/payout/send-attempts.ts';
import type { Payout, PayoutLine, PayoutSkip } from '../../../services/payout/payout-view.ts';
import { reasonText } from '../../../services/payout/why-not-paid.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section, type Section } from '../../output/printer.ts';

const p = columnsOf<Payout>();

/** A partner's money of one currency in one run. */
export const payoutRows: NounRows<Payout> = {
  noun: 'payout',
  plural: 'payouts',
  id: (row) => row.number,
  columns: [
    p.code('number', (row) => row.number),
    p.number('run', (row) => row.run),
    p.date('cutoff', (row) => row.cutoff),
    p.code('partner', (row) => row.partner),
    p.text('name', (row) => row.name, { detail: true }),
    p.money('gross', (row) => row.gross),
    p.money('withheld', (row) => row.withheld, { detail: true }),
    p.money('fee', (row) => row.fee, { detail: true }),
    p.money('sent', (row) => row.sent),
    p.code('currency', (row) => row.currency),
    p.code('status', (row) => row.status),
    p.number('lines', (row) => row.lines),
    p.code('retry_of', (row) => row.retryOf),
    p.code('retried_by', (row) => row.retriedBy, { detail: true }),
    p.code('instrument', (row) => row.instrument, { detail: true }),
    p.text('paid_to', (row) => row.paidTo, { detail: true }),
    p.code('content_hash', (row) => row.contentHash, { detail: true }),
    p.actor('created_by', (row) => row.createdBy, { detail: true }),
    p.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

/** '2 payouts, 125.00 EUR': control totals as they are said in a sentence. */
export function said(totals: readonly PayoutTotal[], amount: 'gross' | 'sent' = 'gross'): string {
  const payouts = totals.reduce((count, total) => count + total.payouts, 0);
  return [`${payouts} payout${payouts === 1 ? '' : 's'}`, ...amounts(totals, amount)].join(', ');
}

/** '125.00 EUR' for each currency. */
export function amounts(totals: readonly PayoutTotal[], amount: 'gross' | 'sent' = 'gross'): string[] {
  return totals.map((total) => `${total[amount]} ${total.currency}`);
}

/** 'ben, dora'; null where nobody did. */
export function named(logins: readonly string[]): string | null {
  return logins.length === 0 ? null : logins.join(', ');
}

const r = columnsOf<PayoutRun>();

/** What was generated at once, and is approved at once. */
export const runRows: NounRows<PayoutRun> = {
  noun: 'run',
  plural: 'runs',
  id: (row) => String(row.run),
  columns: [
    r.number('run', (row) => row.run),
    r.date('cutoff', (row) => row.cutoff),
    r.code('scope', (row) => row.scope, { aside: true }),
    r.number('payout_count', (row) => row.payouts),
    r.amounts('gross', (row) => amounts(row.totals)),
    r.text('statuses', (row) => row.statuses),
    r.actor('made_by', (row) => row.maker),
    r.instant('made_at', (row) => row.madeAt, { detail: true }),
    r.actor('approved_by', (row) => named(row.checkers)),
    r.text('checkers', (row) => (row.payouts === 0 ? null : checkersText(row.checks))),
    r.amounts('over_limit', (row) => row.checks.over, { detail: true }),
    r.instant('approved_at', (row) => row.approvedAt, { detail: true }),
    r.text('note', (row) => row.note, { detail: true }),
    r.code('content_hash', (row) => row.contentHash, { detail: true }),
  ],
};

const t = columnsOf<PayoutTotal>();
const totalColumns = [
  t.code('currency', (row) => row.currency),
  t.number('payouts', (row) => row.payouts),
  t.money('gross', (row) => row.gross),
  t.money('withheld', (row) => row.withheld),
  t.money('fee', (row) => row.fee),
  t.money('sent', (row) => row.sent),
];

/** Control totals, by currency. */
export const totalsSection = <R>(totals: (row: R) => readonly PayoutTotal[]): Section<R> =>
  section('totals', totalColumns, totals);

/** The payouts of one run: what the run says of itself is left out, and without `detail` what is taken off on the way. */
export const payoutsSection = <R>(payouts: (row: R) => readonly Payout[], { detail = false } = {}): Section<R> =>
  section(
    'payouts',
    [
      p.code('number', (row) => row.number),
      p.code('partner', (row) => row.partner),
      p.text('name', (row) => row.name),
      p.money('gross', (row) => row.gross),
      p.money('withheld', (row) => row.withheld, { detail: !detail }),
      p.money('fee', (row) => row.fee, { detail: !detail }),
      p.money('sent', (row) => row.sent),
      p.code('currency', (row) => row.currency),
      p.code('status', (row) => row.status),
      p.number('lines', (row) => row.lines),
      p.code('instrument', (row) => row.instrument, { detail: true }),
      p.text('paid_to', (row) => row.paidTo, { detail: !detail }),
      p.code('content_hash', (row) => row.contentHash, { detail: true }),
    ],
    payouts,
  );

const k = columnsOf<PayoutSkip>();
export const leftOutSection = <R>(skips: (row: R) => readonly PayoutSkip[]): Section<R> =>
  section(
    'left_out',
    [
      k.code('partner', (row) => row.partner),
      k.code('instance', (row) => row.instance),
      k.money('amount', (row) => row.amount),
      k.code('currency', (row) => row.currency),
      k.number('entries', (row) => row.entries),
      k.code('reason', (row) => row.reason),
      k.text('meaning', (row) => reasonText(row.reason)),
    ],
    skips,
  );

const l = columnsOf<PayoutLine>();
/** What is paid, entry by entry; `ofOne`: whose payout needs not be said on every line. */
export const entriesSection = <R>(lines: (row: R) => readonly PayoutLine[], { ofOne = false } = {}): Section<R> =>
  section(
    'entries',
    [
      l.code('payout', (row) => row.payout, { detail: ofOne }),
      l.code('entry', (row) => row.entry),
      l.date('date', (row) => row.date),
      l.code('instance', (row) => row.instance),
      l.text('event', (row) => row.event),
      l.code('kind', (row) => row.kind),
      l.money('amount', (row) => row.amount),
      l.code('currency', (row) => row.currency),
      l.flag('released', (row) => row.released),
    ],
    lines,
  );

const d = columnsOf<Comparison>();
export const changesSection = <R>(changes: (row: R) => readonly Comparison[]): Section<R> =>
  section(
    'changes',
    [
      d.code('partner', (row) => row.partner),
      d.code('payout', (row) => row.number),
      d.money('gross', (row) => row.gross),
      d.code('last_payout', (row) => row.lastNumber),
      d.money('last_gross', (row) => row.lastGross),
      d.code('currency', (row) => row.currency),
      d.rate('change', (row) => row.changePpm),
      d.code('finding', (row) => row.finding),
    ],
    changes,
  );

/** A register file: where it is, what it says in sum, and the hash that tells it from another. */
export function registerColumns<R>(file: (row: R) => string | null, register: (row: R) => RegisterFile | null) {
  const c = columnsOf<R>();
  const totals = (row: R) => register(row)?.totals ?? [];
  return [
    c.text('file', file),
    c.number('payout_count', (row) => totals(row).reduce((count, total) => count + total.payouts, 0)),
    c.text('to_pay', (row) => totals(row).map(({ sent, currency }) => `${sent} ${currency}`)),
    c.code('sha256', (row) => register(row)?.sha256),
  ];
}

const a = columnsOf<SentPayout>();
/** What a provider was called for, and what it said. */
export const sentColumns = [
  a.code('number', (row) => row.number),
  a.code('partner', (row) => row.partner),
  a.code('rail', (row) => row.rail),
  a.number('attempt', (row) => row.attempt),
  a.code('outcome', (row) => row.outcome),
  a.code('status', (row) => row.status),
  a.code('code', (row) => row.code),
  a.text('message', (row) => row.message),
  a.code('provider_id', (row) => row.providerId, { detail: true }),
];

const f = columnsOf<PayoutFile>();
/** A file of a rail: what it is called, and what it comes to. */
export const fileColumns = [
  f.code('name', (row) => row.name),
  f.code('rail', (row) => row.rail),
  f.number('payouts', (row) => row.payouts),
  f.money('total', (row) => row.total),
  f.code('currency', (row) => row.currency),
  f.date('date', (row) => row.date),
  f.code('sha256', (row) => row.sha256, { detail: true }),
];
