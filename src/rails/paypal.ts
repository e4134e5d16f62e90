import { matching, optional } from '../formats/fields.ts';
import { writePayPalBatch } from '../formats/payments/paypal-batch.ts';
import { paymentOf, type FileRail } from './file-rail.ts';

/** PayPal's payment files, for whoever uploads them at its website. */
export const paypal: FileRail = {
  name: 'paypal',
  about: 'PayPal accounts, by its payment file (CSV) of one currency',
  ending: 'csv',
  calendar: null,
  days: 0,
  fields: [
    optional('decimal', 'how the payer’s country writes amounts: . or , (default .)', matching(/^[.,]$/, '. or ,')),
  ],
  takes: (kind) => kind === 'paypal',
  write(profile, payments) {
    return writePayPalBatch({
      payments: payments.map((payment) => ({
        ...paymentOf(payment),
        recipient: payment.details['email']!,
        note: `Payout ${payment.number}`,
      })),
      decimal: profile['decimal'] === ',' ? ',' : '.',
    });
  },
};
