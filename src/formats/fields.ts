import { electronicFormatIBAN, isValidBIC, validateIBAN, ValidationErrorsIBAN } from 'ibantools';
import { isRoutingNumber } from '../domain/routing-number.ts';
import { didYouMean } from '../domain/near-names.ts';

/** What a field may be refused for. It never repeats what was given: messages end up in logs. */
export class FieldRefusal extends Error {}

/** A field of account data or of a profile: whether it must be there, and how it is read into its canonical form. */
export interface Field {
  readonly name: string;
  readonly about: string;
  readonly required: boolean;
  /** A person at a terminal is asked for it; the others a file may bring. */
  readonly asked: boolean;
  /** @throws FieldRefusal */
  readonly read: (text: string) => string;
}

export const field = (name: string, about: string, read: Field['read'], required = true): Field => ({
  ...{ name, about, read, required },
  asked: true,
});
export const optional = (name: string, about: string, read: Field['read']) => field(name, about, read, false);
export const unasked = (fields: readonly Field[]) => fields.map((one) => ({ ...one, asked: false }));

/** What was given for some fields, read; and everything that is wrong with it. Blank counts as not given. */
export function readFields(
  fields: readonly Field[],
  given: Readonly<Record<string, unknown>>,
): { readonly values: Readonly<Record<string, string>>; readonly mistakes: readonly string[] } {
  const names = fields.map(({ name }) => name);
  const values: Record<string, string> = {};
  const mistakes: string[] = [];
  for (const name of Object.keys(given).filter((one) => !names.includes(one))) {
    const near = didYouMean(name, names);
    mistakes.push(`there is no field ${name.slice(0, 40)}${near === undefined ? '' : `, ${near}`}`);
  }
  for (const one of fields) {
    const value = given[one.name] ?? '';
    if (typeof value !== 'string') {
      mistakes.push(`${one.name} must be a text in quotes`);
      continue;
    }
    const mistake = mistakeIn(one, value);
    if (mistake !== null) mistakes.push(mistake);
    else if (value.trim() !== '') values[one.name] = one.read(value);
  }
  return { values, mistakes };
}

/** What is wrong with what was given for a field, or null. */
export function mistakeIn({ name, required, read }: Field, value: string): string | null {
  if (value.trim() === '') return required ? `${name} is missing` : null;
  try {
    read(value);
    return null;
  } catch (error) {
    if (!(error instanceof FieldRefusal)) throw error;
    return `${name} ${error.message}`;
  }
}

/** Their names, as usage shows them. */
export const namesOf = (fields: readonly Field[]) =>
  fields.map(({ name, required }) => (required ? name : `[${name}]`));

const IBAN_TROUBLE: Readonly<Record<ValidationErrorsIBAN, string>> = {
  [ValidationErrorsIBAN.NoIBANProvided]: 'is blank',
  [ValidationErrorsIBAN.NoIBANCountry]: 'begins with no country that has IBANs',
  [ValidationErrorsIBAN.WrongBBANLength]: 'is not as long as those of its country',
  [ValidationErrorsIBAN.WrongBBANFormat]: 'has letters or digits where its country has none',
  [ValidationErrorsIBAN.ChecksumNotNumber]: 'has no check digits behind its country',
  [ValidationErrorsIBAN.WrongIBANChecksum]: 'has check digits that do not fit: something is mistyped',
  [ValidationErrorsIBAN.WrongAccountBankBranchChecksum]:
    'has national check digits that do not fit: something is mistyped',
  [ValidationErrorsIBAN.QRIBANNotAllowed]: 'is a QR-IBAN, which takes no transfers',
};

export function readIban(text: string): string {
  const iban = electronicFormatIBAN(text) ?? '';
  const { valid, errorCodes } = validateIBAN(iban);
  if (!valid) throw new FieldRefusal(IBAN_TROUBLE[errorCodes[0] ?? ValidationErrorsIBAN.NoIBANProvided]);
  return iban;
}

export function readBic(text: string): string {
  const bic = text.replace(/\s/g, '').toUpperCase();
  if (!isValidBIC(bic)) throw new FieldRefusal('is no BIC: 8 or 11 letters and digits, with a country in it');
  return bic;
}

export function readRouting(text: string): string {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{9}$/.test(digits)) throw new FieldRefusal('is no routing number: it has nine digits');
  if (!isRoutingNumber(digits)) throw new FieldRefusal('has a check digit that does not fit: something is mistyped');
  return digits;
}

/** A value of that form, cleaned first. */
export const matching =
  (pattern: RegExp, what: string, clean: (text: string) => string = (text) => text.trim()): Field['read'] =>
  (text) => {
    const value = clean(text);
    if (!pattern.test(value)) throw new FieldRefusal(`is not ${what}`);
    return value;
  };

export const withoutSpaces = (text: string) => text.replace(/[\s-]/g, '').toUpperCase();
export const oneOf = (...words: readonly string[]) =>
  matching(new RegExp(`^(${words.join('|')})$`), words.join(' or '));
/** A line of a letter: no control characters, and as long as a bank's field is. */
export const line = (most: number) =>
  matching(new RegExp(`^[^\\p{C}]{1,${most}}$`, 'u'), `1 to ${most} characters on one line`);
export const readCountry = matching(/^[A-Z]{2}$/, 'a country of two letters, as DE', withoutSpaces);
export const readEmail = matching(/^[^@\s\p{C}]+@[^@\s\p{C}]+\.[^@\s\p{C}]+$/u, 'an e-mail address');

/** An address in its parts. */
export const addressFields = (required: boolean): Field[] => [
  field('street', 'street', line(70), required),
  optional('building', 'number of the building', line(16)),
  field('postcode', 'postcode', line(16), required),
  field('town', 'town', line(35), required),
  field('country', 'country, two letters', readCountry, required),
];
