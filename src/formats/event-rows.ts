import {
  addDays,
  businessDate,
  createTimestampParser,
  isDate,
  MOST_DAYS_AHEAD,
  type TimestampParser,
} from '../domain/dates.ts';
import { RevshareError, UsageError } from '../domain/errors.ts';
import { amountSign, BILLING_KINDS, isBillingKind } from '../domain/event-kinds.ts';
import { formatMinor, parseDecimal, type DecimalStyle } from '../domain/money.ts';
import type { Kind } from '../domain/rating/model.ts';
import {
  amountRemedy,
  currencyOf,
  isWithinLimit,
  limitOf,
  parseMinor,
  parseQuantity,
  SIGN_REMEDIES,
  TEXT_LIMITS,
  type EventDraft,
  type TextField,
} from './event-values.ts';
import type { Binding, BoundField } from './mapping-binding.ts';
import type { EventField } from './mapping-fields.ts';
import type { Mapping } from './mapping.ts';
import { shorten, type RecordProblem } from './records.ts';

/**
 * Reads events from the records of one file, by its mapping. Everything that can be known from the record alone is
 * checked here; each thing wrong with it is one problem, so that a row is mended in one go.
 */
export class EventReader {
  readonly #binding: Binding;
  readonly #otherwise: Kind | null;
  readonly #defaultInstance: string | null;
  readonly #zone: string;
  /** The last day that is believed. */
  readonly #latest: string;
  readonly #occurredAt: TimestampParser;
  readonly #saleDate: TimestampParser;
  /** Sale dates without a time are civil dates, in whatever zone; with one they are business dates. */
  readonly #saleDateZone: (text: string) => string;
  /** undefined for the plain style, which parseDecimal reads without rewriting. */
  readonly #style: DecimalStyle | undefined;
  readonly #minor: boolean;
  readonly #currencies = new Map<string, string | null>();
  readonly #draft = {} as EventDraft;
  #problems: RecordProblem[] = [];

  /** @param zone the programme's: business dates are read in it, and today is its day. */
  constructor(mapping: Mapping, binding: Binding, zone: string, today: string) {
    const dateZone = mapping.dates.zone ?? zone;
    const saleDateFormat = binding.fields.sale_date?.format ?? mapping.dates.format;
    this.#binding = binding;
    this.#otherwise = mapping.otherwise;
    this.#defaultInstance = mapping.defaultInstance;
    this.#zone = zone;
    this.#latest = addDays(today, MOST_DAYS_AHEAD);
    this.#occurredAt = createTimestampParser(binding.fields.occurred_at?.format ?? mapping.dates.format, dateZone);
    this.#saleDate = createTimestampParser(saleDateFormat, dateZone);
    const dateOnly =
      saleDateFormat === 'iso'
        ? (text: string) => isDate(text.trim())
        : () => !saleDateFormat.startsWith('unix') && !/[Hh]/.test(saleDateFormat);
    this.#saleDateZone = (text) => (dateOnly(text) ? dateZone : zone);
    const { style, minor } = mapping.decimals;
    this.#style = style.decimal === '.' && style.group === undefined ? undefined : style;
    this.#minor = minor;
  }

  /**
   * The event of a record, or null after adding to `problems`. The draft is reused for the next record.
   */
  read(fields: readonly string[], problems: RecordProblem[]): EventDraft | null {
    const before = problems.length;
    this.#problems = problems;
    const draft = this.#draft;
    draft.externalId = this.#wanted('external_id', fields);
    this.#readInstance(fields);
    draft.account = this.#text('account', fields);
    draft.product = this.#text('product', fields);
    draft.subscription = this.#text('subscription', fields);
    draft.country = this.#text('country', fields);
    draft.transactionType = this.#text('transaction_type', fields);
    draft.saleRef = this.#text('sale_ref', fields);
    draft.quantity = this.#quantity(fields);
    this.#readOccurrence(fields);
    const decided = this.#readKind(fields);
    const code = this.#readCurrency(fields);
    if (code !== null) {
      draft.currency = code;
      this.#readAmounts(fields, code, decided?.negate ?? false);
      this.#readSale(fields, code);
      draft.wholesaleNet = this.#wholesaleNet(fields, code, decided?.negate ?? false);
      if (decided !== null && problems.length === before) this.#checkKind(decided.kind);
    }
    return problems.length === before ? draft : null;
  }

  #readInstance(fields: readonly string[]): void {
    const draft = this.#draft;
    draft.instanceDefaulted = false;
    if (this.#defaultInstance === null) {
      draft.instance = this.#wanted('instance', fields);
      return;
    }
    const before = this.#problems.length;
    const named = this.#text('instance', fields);
    draft.instance = named ?? this.#defaultInstance;
    draft.instanceDefaulted = named === null && this.#problems.length === before;
  }

  #readOccurrence(fields: readonly string[]): void {
    const text = this.#value('occurred_at', fields);
    if (text === null) return;
    const parsed = this.#occurredAt(text);
    if ('error' in parsed) {
      this.#add(
        'occurred_at',
        'date_invalid',
        `is no date: ${parsed.error}`,
        'mend it, or set [dates] format to what the file uses',
      );
      return;
    }
    this.#draft.occurredAt = parsed.instant;
    this.#draft.occurredOn = businessDate(parsed.instant, this.#zone);
    if (this.#draft.occurredOn.length > 10)
      this.#add('occurred_at', 'date_invalid', 'is past the year 9999', 'mend it');
    else this.#checkAhead('occurred_at', this.#draft.occurredOn);
  }

  #checkAhead(field: EventField, day: string): void {
    if (day <= this.#latest) return;
    const reason = `${day} is more than ${MOST_DAYS_AHEAD} days ahead`;
    this.#add(field, 'date_far_ahead', reason, `mend the year, or bring it after ${addDays(day, -MOST_DAYS_AHEAD)}`);
  }

  #readKind(fields: readonly string[]): { readonly kind: Kind; readonly negate: boolean } | null {
    const ruled = this.#binding.kinds.decide(fields);
    if (ruled !== null) {
      this.#draft.kind = ruled.kind;
      return ruled;
    }
    const text = this.#value('kind', fields);
    if (text === null) return null;
    const kind = text === '' ? this.#otherwise : text;
    if (kind === null) {
      this.#add(
        'kind',
        'kind_undecided',
        'no rule says what kind of event this is',
        'add a rule to [kind], or say what it is otherwise',
      );
      return null;
    }
    if (!isBillingKind(kind)) {
      const remedy = `map it to one of ${BILLING_KINDS.join(', ')}`;
      this.#add('kind', 'kind_unknown', `'${shorten(kind)}' is no kind of event`, remedy);
      return null;
    }
    this.#draft.kind = kind;
    return { kind, negate: false };
  }

  #readCurrency(fields: readonly string[]): string | null {
    const text = this.#value('currency', fields);
    if (text === null) return null;
    let code = this.#currencies.get(text);
    if (code === undefined) {
      code = currencyOf(text);
      if (this.#currencies.size < 1000) this.#currencies.set(text, code);
    }
    if (code === null) {
      const reason = text === '' ? 'the currency is blank' : `there is no currency '${shorten(text)}'`;
      this.#add(
        'currency',
        text === '' ? 'currency_blank' : 'currency_unknown',
        reason,
        'use an ISO 4217 code such as EUR',
      );
    }
    return code;
  }

  #readAmounts(fields: readonly string[], code: string, negate: boolean): void {
    const draft = this.#draft;
    let net = this.#amount('net', fields, code);
    let gross = this.#amount('gross', fields, code);
    let tax = this.#amount('tax', fields, code);
    if (net === undefined || gross === undefined || tax === undefined) return;
    // gross = net + tax: of the three whichever is missing follows from the others.
    if (net === null) {
      if (gross === null || tax === null) {
        this.#add('net', 'amount_blank', 'the amount is blank', 'give it, or gross and tax');
        return;
      }
      net = gross - tax;
    }
    tax ??= gross === null ? 0n : gross - net;
    gross ??= net + tax;
    if (!isWithinLimit(net) || !isWithinLimit(gross) || !isWithinLimit(tax)) {
      const reason = `net, tax and gross together are too large: ${limitOf(code)}`;
      this.#add('gross', 'amount_out_of_range', reason, 'mend them');
      return;
    }
    if (gross !== net + tax) {
      const shown = `${formatMinor(net, code)} + ${formatMinor(tax, code)} is not ${formatMinor(gross, code)}`;
      this.#add(
        'gross',
        'amounts_disagree',
        `net and tax do not make gross: ${shown}`,
        'mend one of them, or leave one out of the mapping',
      );
    }
    draft.net = negate ? -net : net;
    draft.gross = negate ? -gross : gross;
    draft.tax = negate ? -tax : tax;
  }

  #readSale(fields: readonly string[], code: string): void {
    const draft = this.#draft;
    draft.saleNet = draft.saleGross = draft.saleDate = null;
    if (draft.saleRef === null) return;
    draft.saleNet = this.#saleAmount('sale_net', fields, code);
    draft.saleGross = this.#saleAmount('sale_gross', fields, code);
    const date = this.#value('sale_date', fields);
    if (date !== null && date !== '') {
      const parsed = this.#saleDate(date);
      if ('error' in parsed)
        this.#add(
          'sale_date',
          'date_invalid',
          `is no date: ${parsed.error}`,
          'mend it, or give sale_date a format of its own',
        );
      else {
        draft.saleDate = businessDate(parsed.instant, this.#saleDateZone(date));
        this.#checkAhead('sale_date', draft.saleDate);
      }
    }
  }

  /** What it costs wholesale: the whole sale, or, of an event without one, what the event itself moves. */
  #wholesaleNet(fields: readonly string[], code: string, negate: boolean): bigint | null {
    if (this.#draft.saleRef !== null) return this.#saleAmount('wholesale_net', fields, code);
    const amount = this.#amount('wholesale_net', fields, code) ?? null;
    return amount !== null && negate ? -amount : amount;
  }

  #checkKind(kind: Kind): void {
    const { net, gross, saleRef, wholesaleNet, currency, account } = this.#draft;
    const sign = amountSign(kind);
    const wrong = (amount: bigint): boolean =>
      sign === 'not_negative' ? amount < 0n : sign === 'not_positive' ? amount > 0n : sign === 'zero' && amount !== 0n;
    const field = wrong(net) ? 'net' : wrong(gross) ? 'gross' : null;
    if (field !== null) {
      const amount = formatMinor(field === 'net' ? net : gross, currency);
      const place = this.#binding.fields[field] === undefined ? 'net' : field;
      this.#add(place, 'wrong_sign', `a ${kind} of ${amount} ${currency} has the wrong sign`, SIGN_REMEDIES[sign]);
    }
    if (saleRef === null && wholesaleNet !== null && wrong(wholesaleNet)) {
      const reason = `the wholesale net ${formatMinor(wholesaleNet, currency)} ${currency} of a ${kind} has the wrong sign`;
      this.#add('wholesale_net', 'wrong_sign', reason, 'it has the sign of the net amount');
    }
    if (kind === 'signup' && account === null) {
      this.#add('account', 'signup_without_account', 'a signup belongs to an account', 'name the account');
    }
  }

  /** null: blank or not mapped; undefined: a problem was noted. */
  #amount(field: EventField, fields: readonly string[], code: string): bigint | null | undefined {
    const text = this.#value(field, fields);
    if (text === null) return undefined;
    if (text === '') return null;
    try {
      const amount = this.#minor ? parseMinor(text) : parseDecimal(text, code, this.#style);
      if (isWithinLimit(amount)) return amount;
      throw new UsageError('amount_out_of_range', `'${shorten(text)}' is too large`);
    } catch (error) {
      if (!(error instanceof RevshareError)) throw error;
      const reason = error.code === 'amount_out_of_range' ? `${error.message}: ${limitOf(code)}` : error.message;
      this.#add(field, error.code, reason, amountRemedy(error.code, text));
      return undefined;
    }
  }

  #saleAmount(
    field: 'sale_net' | 'sale_gross' | 'wholesale_net',
    fields: readonly string[],
    code: string,
  ): bigint | null {
    const amount = this.#amount(field, fields, code);
    if (amount === undefined) return null;
    if (amount === null && field === 'sale_net') {
      this.#add(
        field,
        'sale_net_missing',
        'an event of a sale (sale_ref) must say what the whole sale is worth',
        'fill in the net amount of the invoice line',
      );
    }
    if (amount !== null && amount < 0n) {
      const reason = `a sale cannot be worth ${formatMinor(amount, code)} ${code}`;
      this.#add(field, 'sale_negative', reason, 'a negative invoice line is a credit note of the sale it credits');
    }
    return amount;
  }

  #quantity(fields: readonly string[]): string | null {
    const text = this.#value('quantity', fields);
    if (text === null || text === '') return null;
    const plain = parseQuantity(text, this.#style ?? { decimal: '.' });
    if (plain === null) {
      const reason = `'${shorten(text)}' is not a quantity`;
      this.#add('quantity', 'quantity_invalid', reason, 'write digits, with at most ten decimals');
    }
    return plain;
  }

  /** Text that must be there; '' after noting a problem. */
  #wanted(field: 'external_id' | 'instance', fields: readonly string[]): string {
    const before = this.#problems.length;
    const text = this.#text(field, fields);
    if (text === null && this.#problems.length === before) {
      this.#add(field, `${field}_blank`, `the ${field} is blank`, 'fill it in, or give it a default in the mapping');
    }
    return text ?? '';
  }

  #text(field: TextField, fields: readonly string[]): string | null {
    const text = this.#value(field, fields);
    if (text === null || text === '') return null;
    const limit = TEXT_LIMITS[field];
    // Counted in characters as the database counts them, not in halves of surrogate pairs.
    if (text.length > limit && [...text].length > limit) {
      this.#add(field, 'text_too_long', `the ${field} is longer than ${limit} characters`, 'shorten it');
      return null;
    }
    return text;
  }

  /** '' when blank or not mapped; null after noting that a lookup has no answer. */
  #value(field: EventField, fields: readonly string[]): string | null {
    const bound: BoundField | undefined = this.#binding.fields[field];
    if (bound === undefined) return '';
    const value = bound.read(fields);
    if (value === null) {
      const { value: asked, lookup } = bound.missed(fields);
      const remedy = `add it to [lookups.${lookup}], or a default: "*" = …`;
      this.#add(field, 'lookup_missing', `'${shorten(asked)}' is not in lookup ${lookup}`, remedy);
    }
    return value;
  }

  #add(field: EventField, code: string, reason: string, remedy: string): void {
    const { column, field: name } = this.#binding.place(field);
    this.#problems.push({ column, field: name, code, reason, remedy });
  }
}
