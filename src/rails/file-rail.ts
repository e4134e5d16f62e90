import type { Calendar } from '../domain/business-days.ts';
import type { InstrumentKind } from '../domain/instruments.ts';
import type { FileRailName } from '../domain/rail-names.ts';
import type { AccountDetails } from '../formats/account-details.ts';
import type { Field } from '../formats/fields.ts';
import type { PayeeKind, PaymentFiles, PostalAddress } from '../formats/payments/payment.ts';
import type { RailPayout } from './rail.ts';

/** A payout and the account it goes to. */
export interface FilePayment extends RailPayout {
  readonly kind: InstrumentKind;
  readonly details: AccountDetails;
}

/** What stands in a file and follows neither from its payouts nor from the profile: kept with it, to make it again. */
export interface FileFacts {
  /** Local time, like 2026-10-31T09:30:00. */
  readonly createdAt: string;
  /** When payees are to have it. */
  readonly date: string;
  /** Tells the files of one day apart: A, B, … Z, 0 … 9. */
  readonly modifier: string;
  /** What the file is called to a bank: by the programme and the first payout of its submission. */
  readonly reference: string;
}

export type RailProfile = Readonly<Record<string, string>>;

/** A rail that leaves as files: somebody hands them to a bank or a provider. */
export interface FileRail {
  readonly name: FileRailName;
  readonly about: string;
  /** Of the files' names. */
  readonly ending: string;
  /** What its profile is made of. */
  readonly fields: readonly Field[];
  /** The calendar it goes by, unless the profile says another. Null: it pays on any day. */
  readonly calendar: Calendar | null;
  /** Banking days from the day on which the file is taken in to that on which payees have the money. */
  readonly days: number;
  takes(kind: InstrumentKind, currency: string): boolean;
  /** Payments of one currency. Pure. Throws RefusedError naming each payout and field that cannot be. */
  write(profile: RailProfile, payments: readonly FilePayment[], facts: FileFacts): PaymentFiles;
}

/** What any file says of a payment. */
export const paymentOf = ({ number, sent, currency, partnerName, details }: FilePayment) => ({
  ...{ number, currency },
  amount: BigInt(sent),
  name: details['holder'] ?? partnerName,
});

export const payeeOf = ({ details }: FilePayment): PayeeKind =>
  details['holder_type'] === 'person' ? 'person' : 'company';

/** The address in account data, or in a profile; null where it names no town and country. */
export function addressOf({ street, building, postcode, town, country }: RailProfile): PostalAddress | null {
  if (town === undefined || country === undefined) return null;
  return { street: street ?? null, building: building ?? null, postCode: postcode ?? null, town, country };
}
