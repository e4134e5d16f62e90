import { minorUnits } from '../../domain/currencies.ts';
import { isDate } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import { shorten } from '../records.ts';
import type { LatinText } from './latin-text.ts';

/** What every payment file says of a payout; what else one wants stands beside its writer. */
export interface Payment {
  /** The payout's number, at most 15 capitals and digits: by it, reports name the payment again. */
  readonly number: string;
  /** Minor units, more than 0. */
  readonly amount: bigint;
  readonly currency: string;
  /** As the payee's account is called. */
  readonly name: string;
}

/** Whom a payment is for, to a bank. */
export type PayeeKind = 'person' | 'company';

/** A street address in its parts; banks take no other from November 2026 on. */
export interface PostalAddress {
  readonly street: string | null;
  readonly building: string | null;
  readonly postCode: string | null;
  readonly town: string;
  /** ISO 3166, two capitals. */
  readonly country: string;
}

/** The same order always gives the same bytes. */
export interface PaymentFile {
  readonly content: string;
  /** The payouts that it pays, in its order. */
  readonly payouts: readonly string[];
  readonly currency: string;
  /** Minor units. */
  readonly total: bigint;
}

export interface PaymentFiles {
  readonly files: readonly PaymentFile[];
  /** Every text that the file says otherwise than it was given, for the record and for who asks. */
  readonly changes: readonly TextChange[];
}

export interface TextChange {
  /** Null where the text is the payer's own. */
  readonly payout: string | null;
  readonly field: string;
  readonly from: string;
  readonly to: string;
  /** Other letters, or cut to what the field holds; both where it was cut as well. */
  readonly why: 'letters' | 'length';
}

/** What a file cannot say, and what to do about it. */
export interface PaymentProblem {
  readonly payout: string | null;
  readonly field: string;
  /** Stable snake_case. */
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Where a value of an order stands; `payout` is null for what is said once a file. */
export interface Place {
  readonly payout: string | null;
  readonly field: string;
}

/** How many problems a message names; all of them are in its details. */
const TOLD = 10;

/**
 * Looks at an order before a byte of it is written. Everything that is wrong is told at once, by payout and field, so that a
 * run of thousands is mended in one go.
 */
export class PaymentChecks {
  readonly changes: TextChange[] = [];
  readonly #problems: PaymentProblem[] = [];

  refuse(place: Place, code: string, reason: string, remedy: string): void {
    this.#problems.push({ ...place, code, reason, remedy });
  }

  unless(held: boolean, place: Place, code: string, reason: string, remedy: string): void {
    if (!held) this.refuse(place, code, reason, remedy);
  }

  /** What any file asks: something to pay, one currency, each payout once, an amount that is one. */
  payments(payments: readonly Payment[], { currency, most }: { currency: string; most: bigint }): void {
    this.unless(
      payments.length > 0,
      { payout: null, field: 'payments' },
      'payments_none',
      'there is nothing to pay',
      'submit a run that pays something',
    );
    const seen = new Set<string>();
    for (const payment of payments) {
      const at = (field: string): Place => ({ payout: payment.number, field });
      this.unless(
        /^[A-Z0-9]{1,15}$/.test(payment.number),
        at('number'),
        'payment_number',
        `'${shorten(payment.number)}' does not fit into a file`,
        'a payout number has at most 15 capitals and digits',
      );
      this.unless(
        !seen.has(payment.number),
        at('number'),
        'payment_twice',
        'stands in the order twice',
        'pay each payout once',
      );
      seen.add(payment.number);
      if (payment.currency !== currency) {
        this.refuse(
          at('currency'),
          'payment_currency',
          `is in ${payment.currency}, and the file pays ${currency}`,
          'pay another currency by a file, or a rail, of its own',
        );
        continue;
      }
      this.unless(
        payment.amount > 0n && payment.amount <= most,
        at('amount'),
        'payment_amount',
        `${formatMinor(payment.amount, currency)} ${currency} is not within ${formatMinor(1n, currency)} and ${formatMinor(most, currency)}`,
        'pay it by hand, through the register',
      );
    }
  }

  /**
   * The text in letters that the file knows, cut to `most`; what it changes is kept. Blank, or with a letter that has no
   * Latin writing, it is a problem: a name with a hole in it is somebody else's.
   */
  text(place: Place, text: string, most: number, written: (text: string) => LatinText): string {
    const latin = written(text);
    if (latin.unknown.length > 0) {
      this.refuse(
        place,
        'letters_unknown',
        `'${shorten(text)}' has letters that the bank's file does not know: ${latin.unknown.slice(0, 8).join(' ')}`,
        'write it in Latin letters, as the bank has it on the account',
      );
      return '';
    }
    if (latin.text === '') {
      this.refuse(place, 'text_blank', 'is blank', 'fill it in');
      return '';
    }
    const to = latin.text.slice(0, most).trim();
    if (to !== text)
      this.changes.push({ ...place, from: text, to, why: latin.text.length > most ? 'length' : 'letters' });
    return to;
  }

  /** The same, where nothing needs to be said. */
  maybeText(place: Place, text: string | null, most: number, written: (text: string) => LatinText): string | null {
    return text === null || text.trim() === '' ? null : this.text(place, text, most, written);
  }

  date(place: Place, date: string): void {
    this.unless(
      isDate(date),
      place,
      'payment_date',
      `'${shorten(date)}' is no day`,
      'write it as YYYY-MM-DD, like 2026-10-31',
    );
  }

  /** A minute or a second of local time, as it is to stand in the file. */
  moment(place: Place, moment: string): void {
    this.unless(
      /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(moment) && isDate(moment.slice(0, 10)),
      place,
      'payment_moment',
      `'${shorten(moment)}' is no time of a day`,
      'write it like 2026-10-31T09:30:00',
    );
  }

  /** @throws RefusedError with the code of the first problem, and all of them in its details */
  assertNone(): void {
    const [first, ...others] = this.#problems;
    if (first === undefined) return;
    const told = [first, ...others].slice(0, TOLD).map(({ payout, field, reason, remedy }) => {
      return `${payout === null ? 'the file' : `payout ${payout}`}: ${field} ${reason} — ${remedy}`;
    });
    const more = others.length + 1 - told.length;
    throw new RefusedError(
      first.code,
      [`no payment file can be written`, ...told, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n  '),
      { hint: 'mend these, or take the payouts out of the run', details: { problems: this.#problems } },
    );
  }
}

/** The file of an order. */
export function paymentFile(content: string, payments: readonly Payment[], currency: string): PaymentFile {
  return {
    ...{ content, currency, payouts: payments.map(({ number }) => number) },
    total: payments.reduce((sum, { amount }) => sum + amount, 0n),
  };
}

/** The largest amount that so many digits say. */
export function mostOf(digits: number): bigint {
  return 10n ** BigInt(digits) - 1n;
}

/** Orders of at most `most` payments, in their order: what a file may not hold goes into the next. */
export function inFiles<P>(payments: readonly P[], most: number): P[][] {
  return Array.from({ length: Math.ceil(payments.length / most) }, (_, n) => payments.slice(n * most, (n + 1) * most));
}

/** Whether an amount has nothing behind the point, for those who count a currency in whole units. */
export function isWhole(amount: bigint, currency: string): boolean {
  return amount % 10n ** BigInt(minorUnits(currency)) === 0n;
}

export function isEmail(text: string): boolean {
  return text.length <= 127 && /^[A-Za-z0-9][^\s@,;"]*@[^\s@,;"]+\.[^\s@,;"]+$/.test(text);
}

/** One line that no spreadsheet takes for a formula: whoever uploads a CSV looks at it in one first. */
export function isPlainLine(text: string, most: number): boolean {
  return text.trim() !== '' && text.length <= most && !/^\s*[=+\-@]|[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
}
