import { instanceChoices, partnerChoices } from './choices.ts';
import { currencyReading } from './currency-reading.ts';
import { argument, requiredOption } from './parameters.ts';
import { ONE_SHOP } from './example-books.ts';

/** Whom, where, how much and why: what a bonus and an adjustment are told. */
export const giftParameters = {
  partner: argument('PARTNER', 'who gets it', { ask: { message: 'Partner:', choices: partnerChoices } }),
  instance: argument('INSTANCE', 'in whose wallet', { ask: { message: 'Instance:', choices: instanceChoices } }),
  amount: argument<string>('AMOUNT', 'how much; a negative amount is taken'),
  currency: argument('CURRENCY', 'ISO 4217', currencyReading),
  reason: requiredOption('--reason <text>', 'why, for the record'),
};

/** A partner with an instance, for the examples. */
export const oneWallet = [...ONE_SHOP];
