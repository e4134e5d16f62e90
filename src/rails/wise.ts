import { field, matching, withoutSpaces } from '../formats/fields.ts';
import { writeWiseBatch, type WiseAccount } from '../formats/payments/wise-batch.ts';
import { addressOf, payeeOf, paymentOf, type FilePayment, type FileRail } from './file-rail.ts';

/** Wise batch files, also for what has no bank file of its own here: pounds by sort code, and IBANs outside the euro. */
export const wise: FileRail = {
  name: 'wise',
  about: 'IBANs in any currency, sort codes in GBP, ABA accounts in USD, by a batch file (CSV) for Wise',
  ending: 'csv',
  calendar: null,
  days: 0,
  fields: [
    field(
      'source_currency',
      'what the balance that pays is held in',
      matching(/^[A-Z]{3}$/, 'a currency, as EUR', withoutSpaces),
    ),
  ],
  takes: (kind, currency) =>
    kind === 'iban' || (kind === 'sort_code' && currency === 'GBP') || (kind === 'aba' && currency === 'USD'),
  write(profile, payments) {
    return writeWiseBatch({
      payments: payments.map((payment) => ({
        ...paymentOf(payment),
        account: accountOf(payment),
        payee: payeeOf(payment),
        email: payment.details['email'] ?? null,
      })),
      sourceCurrency: profile['source_currency']!,
    });
  },
};

function accountOf({ kind, details }: FilePayment): WiseAccount {
  if (kind === 'iban') return { kind, iban: details['iban']! };
  const number = details['account']!;
  if (kind === 'sort_code') return { kind, sortCode: details['sort_code']!, number };
  // Without a town the writer refuses it by name: Wise wants to know where the payee lives.
  const address = addressOf(details) ?? { street: null, building: null, postCode: null, town: '', country: '' };
  return {
    ...{ kind: 'routing', routing: details['routing']!, number },
    type: details['account_type'] === 'savings' ? 'savings' : 'checking',
    address: { ...address, state: details['state'] ?? null },
  };
}
