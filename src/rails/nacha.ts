import { CALENDARS } from '../domain/business-days.ts';
import { field, line, matching, oneOf, optional, readRouting } from '../formats/fields.ts';
import { writeNacha } from '../formats/payments/nacha-writer.ts';
import { payeeOf, paymentOf, type FileRail } from './file-rail.ts';
import { CUTOFF_HOUR } from './profile-fields.ts';

const companyNumber = matching(/^[0-9A-Za-z]{1,10}$/, '1 to 10 letters or digits');

/** ACH credits in US dollars: a NACHA file of PPD and CCD entries. */
export const nacha: FileRail = {
  name: 'nacha',
  about: 'ABA accounts in USD, by a NACHA file for the bank',
  ending: 'ach',
  calendar: 'fed',
  days: 1,
  fields: [
    field('bank_routing', 'routing number of the bank that takes the file in', readRouting),
    field('bank_name', 'its name', line(23)),
    field('origin_id', 'who hands it in: mostly a 1 and the employer’s number', companyNumber),
    field('origin_name', 'its name', line(23)),
    field('company_id', 'who pays: the bank’s number for the company', companyNumber),
    field('company_name', 'its name, as payees see it', line(16)),
    field('odfi', 'routing number of the bank whose customer pays', readRouting),
    optional('description', 'what payees see of the purpose (default PAYOUT)', line(10)),
    optional('calendar', 'its banking days (default fed)', oneOf(...CALENDARS)),
    CUTOFF_HOUR,
  ],
  takes: (kind, currency) => kind === 'aba' && currency === 'USD',
  write(profile, payments, { createdAt, date, modifier }) {
    return writeNacha({
      originator: {
        destination: { routing: profile['bank_routing']!, name: profile['bank_name']! },
        origin: { id: profile['origin_id']!, name: profile['origin_name']! },
        company: { id: profile['company_id']!, name: profile['company_name']! },
        odfi: profile['odfi']!,
        description: profile['description'] ?? 'PAYOUT',
      },
      payments: payments.map((payment) => ({
        ...paymentOf(payment),
        account: {
          routing: payment.details['routing']!,
          number: payment.details['account']!,
          kind: payment.details['account_type'] === 'savings' ? 'savings' : 'checking',
        },
        payee: payeeOf(payment),
        country: payment.details['country'] ?? 'US',
        remittance: null,
      })),
      createdAt,
      effectiveDate: date,
      modifier,
    });
  },
};
