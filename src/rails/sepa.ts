import { CALENDARS } from '../domain/business-days.ts';
import { addressFields, field, line, oneOf, optional, readBic, readIban } from '../formats/fields.ts';
import { writePain001 } from '../formats/payments/pain001-writer.ts';
import { addressOf, paymentOf, type FileRail } from './file-rail.ts';
import { CUTOFF_HOUR } from './profile-fields.ts';

/** SEPA credit transfers in euro: pain.001.001.09. */
export const sepa: FileRail = {
  name: 'sepa',
  about: 'IBANs in EUR, by pain.001.001.09 for the bank',
  ending: 'xml',
  calendar: 'target',
  days: 0,
  fields: [
    field('name', 'who pays, as the bank has it on the account', line(70)),
    field('iban', 'IBAN of the account that pays', readIban),
    optional('bic', 'BIC of its bank', readBic),
    ...addressFields(false),
    optional('batch_booking', 'yes: the statement shows the sum; no: each payment (default yes)', oneOf('yes', 'no')),
    optional('calendar', 'its banking days (default target)', oneOf(...CALENDARS)),
    CUTOFF_HOUR,
  ],
  takes: (kind, currency) => kind === 'iban' && currency === 'EUR',
  write(profile, payments, { createdAt, date, reference }) {
    return writePain001({
      debtor: {
        name: profile['name']!,
        iban: profile['iban']!,
        bic: profile['bic'] ?? null,
        address: addressOf(profile),
      },
      payments: payments.map((payment) => ({
        ...paymentOf(payment),
        iban: payment.details['iban']!,
        bic: payment.details['bic'] ?? null,
        address: addressOf(payment.details),
        remittance: `Payout ${payment.number}`,
      })),
      messageId: reference,
      createdAt,
      executionDate: date,
      batchBooking: profile['batch_booking'] !== 'no',
    });
  },
};
