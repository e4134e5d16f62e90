import { addDays } from './civil-dates.ts';
import { formatMinor } from './money.ts';
import { isPayoutNumber } from './payout-number.ts';
import { PAYOUT_TRANSITIONS, type PayoutStatus } from './payout-status.ts';
import type { ReportedKind, ReportedPayment } from './reported-payment.ts';

/**
 * What a report of a bank and the books say of each other (SEMANTICS §7): payments are matched by our number, then by what
 * the bank calls them, then by exact amount and day where only one payment and only one payout fit. Nothing is closed by a
 * guess: whatever fits twice, or not to the cent, is told and left. Pure.
 */

/** A record of a report; equal keys mean the same fact, in whatever file it is told again. */
export type KeyedPayment = ReportedPayment & { readonly key: string };

/** What became of a payout, and the bank's records that prove it. */
export interface PayoutChange {
  readonly id: number;
  readonly status: PayoutStatus;
  readonly valueDate: string | null;
  readonly proofs: readonly { readonly reference: string | null; readonly format: string }[];
}

export interface ReconciledPayout {
  readonly id: number;
  readonly number: string;
  readonly partner: string;
  readonly name: string;
  readonly currency: string;
  /** Minor units. */
  readonly sent: bigint;
  readonly status: PayoutStatus;
  /** Before this day the bank cannot have moved it: its submission, or the completion that is taken back. Null before. */
  readonly earliestValueDate: string | null;
  /** What else left with it has the same. */
  readonly submission: number | null;
  /** Whether this report would tell of it: it goes that way. */
  readonly expected: boolean;
  readonly changes: readonly PayoutChange[];
}

/**
 * What came of a record, or of a payout that no record tells of:
 * - `matched`: it proves what became of the payout, and moves it where the books do not know yet;
 * - `known`: an earlier report has told it;
 * - `accepted`: nothing has moved, and nothing moves;
 * - `correction`: the payee's bank tells what to write next time;
 * - `amount_differs`, `status_differs`: it is about the payout, and cannot be true of it;
 * - `duplicate`: the payout has that behind it, and here it is again;
 * - `missing_here`: it is about a payout, and the books have none for it;
 * - `missing_there`: the payout is with the bank, and the report does not tell of it;
 * - `unrelated`: nothing in it is of a payout.
 */
export type Outcome =
  | ('matched' | 'known' | 'accepted' | 'correction')
  | ('amount_differs' | 'status_differs' | 'duplicate' | 'missing_here' | 'missing_there' | 'unrelated');

/** Outcomes that somebody has to look into. */
export const DIFFERENCES: readonly Outcome[] = [
  ...(['amount_differs', 'status_differs', 'duplicate', 'missing_here', 'missing_there'] as const),
];

export type MatchedBy = 'number' | 'reference' | 'amount_and_date';

/** A change that a record asks for; `confirms` is one that the books have, and that lacked a proof. */
export type Consequence =
  | { readonly confirms: number }
  | {
      readonly to: PayoutStatus;
      readonly reason: string | null;
      readonly valueDate: string | null;
      readonly reference: string | null;
    };

export interface Finding {
  readonly outcome: Outcome;
  readonly record: KeyedPayment | null;
  readonly payout: ReconciledPayout | null;
  /** What of the record is this payout's; null where the report does not say. */
  readonly amount: bigint | null;
  readonly by: MatchedBy | null;
  readonly consequence: Consequence | null;
  /** Why, in a sentence; '' where the outcome says it all. */
  readonly note: string;
}

export interface Reconciliation {
  readonly records: readonly KeyedPayment[];
  /** Those that the records name, and those that are with the bank. */
  readonly payouts: readonly ReconciledPayout[];
  /** Numbers of payouts by the key of a record that was matched before. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** Numbers of payouts by what the bank called something about them. */
  readonly references: ReadonlyMap<string, readonly string[]>;
  /** Numbers of payouts by what we called the order, the file, that they left in. */
  readonly orders: ReadonlyMap<string, readonly string[]>;
  readonly format: string;
  readonly today: string;
}

/** How long after its submission a payment may be booked and still be known by its amount alone. */
const BOOKED_WITHIN_DAYS = 5;

/** The findings, in the order of the report; then what it does not tell of, by number. */
export function reconcile(asked: Reconciliation): Finding[] {
  return new Reconciling(asked).findings();
}

/** What moves money first, so that a payout may go out and come back in one report. */
const ORDER: readonly ReportedKind[] = ['debited', 'unclaimed', 'rejected', 'returned'];

interface Group {
  readonly kind: ReportedKind;
  readonly payouts: readonly ReconciledPayout[];
  readonly records: KeyedPayment[];
  readonly by: MatchedBy;
}

class Reconciling {
  readonly #asked: Reconciliation;
  readonly #byNumber: ReadonlyMap<string, ReconciledPayout>;
  readonly #found = new Map<KeyedPayment, Finding[]>();
  /** Where payouts stand after what this report has moved so far, and since when. */
  readonly #moved = new Map<ReconciledPayout, { readonly status: PayoutStatus; readonly valueDate: string | null }>();
  readonly #toldOf = new Set<ReconciledPayout>();

  constructor(asked: Reconciliation) {
    this.#asked = asked;
    this.#byNumber = new Map(asked.payouts.map((payout) => [payout.number, payout]));
  }

  findings(): Finding[] {
    const groups = new Map<string, Group>();
    const unnamed: KeyedPayment[] = [];
    for (const record of this.#asked.records) {
      if (this.#isKnown(record)) continue;
      const named = this.#named(record);
      if (named === null) {
        unnamed.push(record);
        continue;
      }
      // Money that comes in by one of our numbers is ours coming back, though nobody says why.
      const kind = record.kind === 'credited' ? 'returned' : record.kind;
      const key = `${kind} ${named.payouts.map(({ number }) => number).join(' ')}`;
      const group = groups.get(key) ?? { kind, ...named, records: [] };
      group.records.push(record);
      groups.set(key, group);
    }
    for (const kind of ORDER) for (const group of groups.values()) if (group.kind === kind) this.#settle(group);
    for (const group of groups.values()) if (!ORDER.includes(group.kind)) this.#note(group);
    this.#byAmount(unnamed);
    return [...this.#asked.records.flatMap((record) => this.#found.get(record) ?? []), ...this.#missingThere()];
  }

  /** Told by an earlier report, as this very fact. */
  #isKnown(record: KeyedPayment): boolean {
    const numbers = this.#asked.known.get(record.key);
    if (numbers === undefined) return false;
    for (const number of numbers) {
      const payout = this.#byNumber.get(number) ?? null;
      this.#tell(record, payout, {
        outcome: 'known',
        amount: numbers.length === 1 ? record.amount : (payout?.sent ?? null),
      });
    }
    return true;
  }

  /** By our number, of the payment or of the order; else by the bank's reference. Null where none leads to a payout. */
  #named({ ids, orders, bankReference, payments, currency }: KeyedPayment): Pick<Group, 'payouts' | 'by'> | null {
    const payoutsOf = (numbers: readonly string[]) =>
      [...new Set(numbers)].flatMap((number) => this.#byNumber.get(number.toUpperCase()) ?? []);
    const numbered = payoutsOf(ids);
    if (numbered.length > 0) return { payouts: numbered, by: 'number' };
    // Who speaks of a whole order means what of it has not failed before.
    const ordered = payments === 1 ? [] : payoutsOf(orders.flatMap((order) => this.#asked.orders.get(order) ?? []));
    const meant = ordered.filter((one) => currency === null || one.currency === currency);
    const alive = meant.filter(({ status }) => status !== 'failed' && status !== 'cancelled');
    if (meant.length > 0) return { payouts: alive.length > 0 ? alive : meant, by: 'number' };
    if (bankReference === null || ids.some(isOurs)) return null;
    const referred = payoutsOf(this.#asked.references.get(bankReference) ?? []);
    return referred.length === 1 ? { payouts: referred, by: 'reference' } : null;
  }

  /** One payout told by one record or by several, or several payouts told by one. */
  #settle(group: Group): void {
    const { payouts, records } = group;
    const [first] = records;
    const [payout] = payouts;
    if (first === undefined || payout === undefined) return;
    if (records.some(({ currency }) => currency !== null && payouts.some((one) => one.currency !== currency))) {
      return this.#refuse(group, 'amount_differs', `it is in ${first.currency}, and the payout in ${payout.currency}`);
    }
    const expected = payouts.reduce((sum, { sent }) => sum + sent, 0n);
    const told = records.map(({ amount }) => amount);
    const total = told.includes(null) ? null : told.reduce<bigint>((sum, amount) => sum + amount!, 0n);
    if (
      total === null
        ? group.kind === 'rejected' && records.length === 1
        : total === expected && (payouts.length === 1 || records.length === 1)
    ) {
      return this.#conclude(group, payouts);
    }
    // Told twice in full: the first is true, and the others are what nobody ordered.
    const exact = records.filter(({ amount }) => amount === expected);
    if (payouts.length === 1 && records.length > 1 && exact.length > 0) {
      this.#conclude({ ...group, records: [exact[0]!] }, payouts);
      const others = records.filter((record) => record !== exact[0]);
      return this.#refuse({ ...group, records: others }, 'duplicate', 'the same report tells it more than once');
    }
    const books = `${formatMinor(expected, payout.currency)} ${payout.currency}`;
    const of = payouts.length === 1 ? '' : `for ${payouts.length} payouts `;
    this.#refuse(
      group,
      'amount_differs',
      total === null ? 'the report tells no amount' : `the books have ${of}${books}`,
    );
  }

  /** The amounts agree: whether what is told can be true of each payout decides. */
  #conclude(group: Group, payouts: readonly ReconciledPayout[]): void {
    const { kind, records, by } = group;
    const decided = payouts.map((payout) => this.#decide(kind, payout, records));
    const wrong = decided.find((one) => 'outcome' in one);
    payouts.forEach((payout, n) => {
      const one = decided[n]!;
      const share = ({ amount }: KeyedPayment) => (payouts.length === 1 || amount === null ? amount : payout.sent);
      for (const record of records) {
        if (wrong === undefined && 'consequence' in one) {
          this.#tell(record, payout, { outcome: 'matched', by, amount: share(record), consequence: one.consequence });
        } else {
          const refusal = 'outcome' in one ? one : wrong!;
          this.#tell(record, payout, { ...refusal, by, amount: share(record) });
        }
      }
      if (wrong !== undefined || !('consequence' in one) || !('to' in one.consequence)) return;
      this.#moved.set(payout, { status: one.consequence.to, valueDate: one.consequence.valueDate });
    });
  }

  #decide(
    kind: ReportedKind,
    payout: ReconciledPayout,
    records: readonly KeyedPayment[],
  ): { readonly consequence: Consequence } | { readonly outcome: Outcome; readonly note: string } {
    const status = this.#moved.get(payout)?.status ?? payout.status;
    const to = AFTER[kind]?.(status) ?? null;
    if (to === null || !PAYOUT_TRANSITIONS[status].includes(to)) return this.#again(kind, payout, records, status);

    const date = records.map((one) => one.date ?? this.#asked.today).reduce((last, one) => (one > last ? one : last));
    const dated = to !== 'failed';
    const earliest = this.#moved.get(payout)?.valueDate ?? payout.earliestValueDate;
    if (dated && date > this.#asked.today) {
      return { outcome: 'status_differs', note: `it is to move on ${date}: read the report again on that day` };
    }
    if (dated && earliest !== null && date < earliest) {
      return {
        outcome: 'status_differs',
        note: `it moved on ${date}, and the books have the payout go on ${earliest}`,
      };
    }
    return {
      consequence: {
        ...{ to, valueDate: dated ? date : null },
        reason: to === 'completed' ? null : reasonOf(kind, records),
        reference: records.find(({ bankReference }) => bankReference !== null)?.bankReference ?? null,
      },
    };
  }

  /** The books have it behind them: told here first, told before by another report, or done a second time. */
  #again(kind: ReportedKind, payout: ReconciledPayout, records: readonly KeyedPayment[], status: PayoutStatus) {
    const change = [...payout.changes].reverse().find((one) => (PROVES[kind] ?? []).includes(one.status));
    if (change === undefined) {
      const note = `the payout is ${status}, and the bank has it ${kind}`;
      return { outcome: 'status_differs' as const, note };
    }
    if (change.proofs.length === 0) return { consequence: { confirms: change.id } };
    const elsewhere = change.proofs.every(({ format }) => format !== this.#asked.format);
    const sameDay = records.every(({ date }) => date === null || date === change.valueDate);
    if (elsewhere && sameDay)
      return { outcome: 'known' as const, note: `a report in ${change.proofs[0]!.format} has told it` };
    return {
      outcome: 'duplicate' as const,
      note: `the payout has been ${change.status} since ${change.valueDate ?? 'then'}, by another record`,
    };
  }

  /** What moves nothing. */
  #note({ kind, payouts, records, by }: Group): void {
    const outcome = kind === 'corrected' ? 'correction' : 'accepted';
    for (const record of records)
      for (const payout of payouts) this.#tell(record, payout, { outcome, by, amount: record.amount });
  }

  #refuse({ payouts, records, by }: Group, outcome: Outcome, note: string): void {
    for (const record of records)
      for (const payout of payouts) this.#tell(record, payout, { outcome, by, note, amount: record.amount });
  }

  /** What no number leads to: money that left, by its amount and day, where only one of each fits. */
  #byAmount(records: readonly KeyedPayment[]): void {
    const parties = this.#parties();
    const fitting = new Map<KeyedPayment, Party[]>();
    const claims = new Map<ReconciledPayout, number>();
    for (const record of records) {
      if (record.kind !== 'debited' || record.ids.some(isOurs)) continue;
      const fits = (parties.get(`${record.currency} ${record.amount}`) ?? []).filter((party) => fitsTo(record, party));
      fitting.set(record, fits);
      for (const payout of new Set(fits.flatMap(({ payouts }) => payouts))) {
        claims.set(payout, (claims.get(payout) ?? 0) + 1);
      }
    }
    for (const record of records) {
      const fits = fitting.get(record) ?? [];
      const [only, ...others] = fits;
      if (only !== undefined && others.length === 0 && only.payouts.every((payout) => claims.get(payout) === 1)) {
        this.#settle({ kind: 'debited', payouts: only.payouts, records: [record], by: 'amount_and_date' });
      } else {
        this.#unmatched(record, fits);
      }
    }
  }

  /** What is with the bank, each payout by itself and all that left together, by currency and amount. */
  #parties(): Map<string, Party[]> {
    const found = new Map<string, Party[]>();
    const submissions = new Map<string, ReconciledPayout[]>();
    const add = (payouts: readonly ReconciledPayout[], together: boolean) => {
      const key = `${payouts[0]!.currency} ${payouts.reduce((sum, { sent }) => sum + sent, 0n)}`;
      const parties = found.get(key) ?? [];
      parties.push({ payouts, together });
      found.set(key, parties);
    };
    for (const payout of this.#asked.payouts) {
      if (!payout.expected || (this.#moved.get(payout)?.status ?? payout.status) !== 'processing') continue;
      add([payout], false);
      const key = `${payout.submission} ${payout.currency}`;
      const submission = submissions.get(key) ?? [];
      submission.push(payout);
      submissions.set(key, submission);
    }
    for (const payouts of submissions.values()) add(payouts, true);
    return found;
  }

  #unmatched(record: KeyedPayment, fits: readonly Party[]): void {
    if (record.kind === 'accepted') return this.#tell(record, null, { outcome: 'accepted', amount: record.amount });
    const ours = record.ids.filter(isOurs);
    const outcome =
      ours.length > 0 || fits.length > 0 || !['debited', 'credited'].includes(record.kind)
        ? 'missing_here'
        : 'unrelated';
    const rivals = fits.flatMap(({ payouts }) => payouts.map(({ number }) => number));
    const note =
      ours.length > 0
        ? `there is no payout ${ours.join(', ')}`
        : rivals.length > 0
          ? `amount and day fit more than once: ${rivals.slice(0, 5).join(', ')}${rivals.length > 5 ? ' …' : ''}`
          : '';
    this.#tell(record, null, { outcome, note, amount: record.amount });
  }

  /** With the bank since before the report ends, and not in it. */
  #missingThere(): Finding[] {
    const { records, payouts } = this.#asked;
    const last = records.reduce<string | null>(
      (latest, { date }) => (date !== null && (latest === null || date > latest) ? date : latest),
      null,
    );
    if (last === null) return [];
    const currencies = new Set(records.map(({ currency }) => currency));
    return payouts
      .filter(
        (payout) =>
          payout.expected &&
          !this.#toldOf.has(payout) &&
          payout.status === 'processing' &&
          currencies.has(payout.currency),
      )
      .filter(({ earliestValueDate: submitted }) => submitted !== null && submitted <= last)
      .map((payout) => ({
        ...{ outcome: 'missing_there', record: null, payout, amount: payout.sent, by: null, consequence: null },
        note: `with the bank since ${payout.earliestValueDate}; the report goes to ${last}`,
      }));
  }

  #tell(
    record: KeyedPayment,
    payout: ReconciledPayout | null,
    told: Pick<Finding, 'outcome' | 'amount'> & Partial<Finding>,
  ): void {
    if (payout !== null) this.#toldOf.add(payout);
    const finding: Finding = { by: null, consequence: null, note: '', ...told, record, payout };
    this.#found.set(record, [...(this.#found.get(record) ?? []), finding]);
  }
}

/** Where a record takes a payout that stands so. */
const AFTER: Readonly<Partial<Record<ReportedKind, (status: PayoutStatus) => PayoutStatus>>> = {
  debited: () => 'completed',
  unclaimed: () => 'unclaimed',
  rejected: () => 'failed',
  // What comes back before the books have it paid was never paid.
  returned: (status) => (status === 'processing' ? 'failed' : 'returned'),
};

/** What the books call what a record tells. */
const PROVES: Readonly<Partial<Record<ReportedKind, readonly PayoutStatus[]>>> = {
  debited: ['completed'],
  unclaimed: ['unclaimed'],
  rejected: ['failed'],
  returned: ['returned', 'failed'],
};

/** 'AC04 closed account number', or that nobody says why. */
function reasonOf(kind: ReportedKind, records: readonly KeyedPayment[]): string {
  const told = records.find(({ reason }) => reason !== null)?.reason;
  if (told == null) return kind === 'returned' ? 'came back without a reason' : `${kind} without a reason`;
  return told.text === null ? told.code : `${told.code} ${told.text}`;
}

/** What a booking may be of: one payout, or all of a currency that left together. */
interface Party {
  readonly payouts: readonly ReconciledPayout[];
  readonly together: boolean;
}

/** In days, in what the record says of how many payments it is, and in whom it names, where it names somebody. */
function fitsTo({ date, payments, name }: KeyedPayment, { payouts, together }: Party): boolean {
  if (together ? payments === 1 || (payments ?? payouts.length) !== payouts.length : payments !== 1) return false;
  if (!together && name !== null && !sharesWord(name, payouts[0]!.name)) return false;
  return payouts.every(
    ({ earliestValueDate: submitted }) =>
      submitted !== null && date !== null && date >= submitted && date <= addDays(submitted, BOOKED_WITHIN_DAYS),
  );
}

function isOurs(id: string): boolean {
  return isPayoutNumber(id.toUpperCase());
}

/** Whether two names have a word of three letters or more in common, however it is written. */
function sharesWord(one: string, other: string): boolean {
  const known = wordsOf(other);
  return wordsOf(one).some((word) => known.includes(word));
}

function wordsOf(name: string): string[] {
  const letters = name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase();
  return letters.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length >= 3);
}
