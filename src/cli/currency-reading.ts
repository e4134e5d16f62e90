import { currency } from '../domain/currencies.ts';
import { currencyChoices } from './choices.ts';
import type { Ask } from './parameters.ts';

/** A currency as it is typed, in capitals or not. */
export const readCurrency = (text: string): string => currency(text.trim().toUpperCase()).code;

/** An ISO 4217 code in any case, chosen from a list on a terminal. */
export const currencyReading = {
  read: readCurrency,
  ask: { message: 'Currency:', choices: currencyChoices } satisfies Ask,
};
