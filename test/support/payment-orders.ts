import type { NachaOrder, NachaPayment } from '../../src/formats/payments/nacha-writer.ts';
import type { SepaOrder, SepaPayment } from '../../src/formats/payments/pain001-writer.ts';

/** Orders that are right in every field, for tests to spoil one by one. */
export const personInUs: NachaPayment = {
  number: 'P00000001A',
  amount: 12_550n,
  currency: 'USD',
  name: 'Jane Doe',
  account: { routing: '231380104', number: '987654321', kind: 'checking' },
  payee: 'person',
  country: 'US',
  remittance: null,
};

export const companyInUs: NachaPayment = {
  ...personInUs,
  number: 'P00000002A',
  amount: 100n,
  name: 'Acme Reselling Inc',
  account: { routing: '121042882', number: '744-5678-99', kind: 'savings' },
  payee: 'company',
  remittance: 'Commission October 2026',
};

export const nachaOrder: NachaOrder = {
  originator: {
    destination: { routing: '031300012', name: 'Federal Reserve Bank' },
    origin: { id: '1234567890', name: 'Example Payer LLC' },
    company: { id: '1234567890', name: 'Example Payer' },
    odfi: '121042882',
    description: 'PAYOUT',
  },
  payments: [personInUs, companyInUs],
  createdAt: '2026-10-31T09:30:00',
  effectiveDate: '2026-11-02',
  modifier: 'A',
};

export const germanPayee: SepaPayment = {
  number: 'P00000001A',
  amount: 12_550n,
  currency: 'EUR',
  name: 'Jörg Müßig & Söhne',
  iban: 'DE89370400440532013000',
  bic: 'COBADEFFXXX',
  address: { street: 'Hauptstraße', building: '12', postCode: '50667', town: 'Köln', country: 'DE' },
  remittance: 'Commission October 2026',
};

export const dutchPayee: SepaPayment = {
  ...germanPayee,
  number: 'P00000002A',
  amount: 1n,
  name: 'Acme BV',
  iban: 'NL91ABNA0417164300',
  bic: null,
  address: null,
  remittance: null,
};

export const sepaOrder: SepaOrder = {
  debtor: {
    name: 'Example Payer GmbH',
    iban: 'DE75512108001245126199',
    bic: null,
    address: { street: null, building: null, postCode: null, town: 'Berlin', country: 'DE' },
  },
  payments: [germanPayee, dutchPayee],
  messageId: 'REVSHARE-MAIN-1',
  createdAt: '2026-10-31T09:30:00',
  executionDate: '2026-11-02',
  batchBooking: true,
};
