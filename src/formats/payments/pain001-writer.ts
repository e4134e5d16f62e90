import { isValidBIC, isValidIBAN } from 'ibantools';
import { formatMinor } from '../../domain/money.ts';
import { shorten } from '../records.ts';
import { toSepa } from './latin-text.ts';
import { paymentFile, PaymentChecks, type Payment, type PaymentFiles, type PostalAddress } from './payment.ts';
import { element, maybeElement, writeXml, type XmlElement } from './xml-text.ts';

/** Who pays by SEPA credit transfer. */
export interface SepaDebtor {
  readonly name: string;
  readonly iban: string;
  /** Null where the bank knows itself by the IBAN. */
  readonly bic: string | null;
  /** Needed as soon as a payee's bank is outside the European Economic Area. */
  readonly address: PostalAddress | null;
}

export interface SepaPayment extends Payment {
  readonly iban: string;
  readonly bic: string | null;
  readonly address: PostalAddress | null;
  /** What the payee reads, cut to 140 characters; null for none. */
  readonly remittance: string | null;
}

export interface SepaOrder {
  readonly debtor: SepaDebtor;
  readonly payments: readonly SepaPayment[];
  /** At most 35 letters, digits and hyphens; banks refuse one that they have seen. */
  readonly messageId: string;
  /** Like 2026-10-31T09:30:00. */
  readonly createdAt: string;
  /** When the bank is to pay, YYYY-MM-DD: a TARGET day. */
  readonly executionDate: string;
  /** Whether the statement is to show the sum, or each payment by itself. */
  readonly batchBooking: boolean;
}

/** SEPA inside of the European Economic Area, by the country of the IBAN. */
const IN_EEA = [
  ...['AT', 'BE', 'BG', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU', 'IE', 'IS', 'IT', 'LI', 'LT'],
  ...['LU', 'LV', 'MT', 'NL', 'NO', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK'],
];

/** SEPA outside of it: payments there name the payer's address. ibantools does not know the latest of them. */
const OUTSIDE_EEA = ['AD', 'AL', 'CH', 'GB', 'GI', 'MC', 'MD', 'ME', 'MK', 'RS', 'SM', 'VA'];

/** The scheme's largest payment: 999,999,999.99. */
const MOST = 99_999_999_999n;

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';

/**
 * Writes a SEPA credit transfer as pain.001.001.09: one payment instruction, each payment with the payout's number as its
 * EndToEndId, addresses in their parts, texts in the Latin set; what that changed is returned.
 * @throws RefusedError with every payout and field that cannot be: `iban`, `iban_outside_sepa`, `bic`, `address_missing`,
 *   `letters_unknown`, `payment_currency`, `payment_amount`, …
 */
export function writePain001(order: SepaOrder): PaymentFiles {
  const checks = new PaymentChecks();
  const { debtor, payments, messageId, createdAt, executionDate, batchBooking } = checkedOrder(order, checks);
  checks.assertNone();

  const sums = [
    element('NbOfTxs', String(payments.length)),
    element(
      'CtrlSum',
      formatMinor(
        payments.reduce((sum, { amount }) => sum + amount, 0n),
        'EUR',
      ),
    ),
  ];
  const document = element(
    'Document',
    [
      element('CstmrCdtTrfInitn', [
        element('GrpHdr', [
          element('MsgId', messageId),
          element('CreDtTm', createdAt),
          ...sums,
          element('InitgPty', [element('Nm', debtor.name)]),
        ]),
        element('PmtInf', [
          element('PmtInfId', messageId),
          element('PmtMtd', 'TRF'),
          element('BtchBookg', String(batchBooking)),
          ...sums,
          element('PmtTpInf', [element('SvcLvl', [element('Cd', 'SEPA')])]),
          element('ReqdExctnDt', [element('Dt', executionDate)]),
          element('Dbtr', partyOf(debtor)),
          element('DbtrAcct', [account(debtor.iban), element('Ccy', 'EUR')]),
          element('DbtrAgt', [
            debtor.bic === null
              ? element('FinInstnId', [element('Othr', [element('Id', 'NOTPROVIDED')])])
              : element('FinInstnId', [element('BICFI', debtor.bic)]),
          ]),
          element('ChrgBr', 'SLEV'),
          ...payments.map(transferOf),
        ]),
      ]),
    ],
    { xmlns: NAMESPACE },
  );
  return { files: [paymentFile(writeXml(document), payments, 'EUR')], changes: checks.changes };
}

function transferOf({ number, amount, name, iban, bic, address, remittance }: SepaPayment): XmlElement {
  return element('CdtTrfTxInf', [
    element('PmtId', [element('InstrId', number), element('EndToEndId', number)]),
    element('Amt', [element('InstdAmt', formatMinor(amount, 'EUR'), { Ccy: 'EUR' })]),
    bic === null ? null : element('CdtrAgt', [element('FinInstnId', [element('BICFI', bic)])]),
    element('Cdtr', partyOf({ name, address })),
    element('CdtrAcct', [account(iban)]),
    remittance === null ? null : element('RmtInf', [element('Ustrd', remittance)]),
  ]);
}

function account(iban: string): XmlElement {
  return element('Id', [element('IBAN', iban)]);
}

function partyOf({ name, address }: { readonly name: string; readonly address: PostalAddress | null }) {
  return [
    element('Nm', name),
    address === null
      ? null
      : element('PstlAdr', [
          maybeElement('StrtNm', address.street),
          maybeElement('BldgNb', address.building),
          maybeElement('PstCd', address.postCode),
          element('TwnNm', address.town),
          element('Ctry', address.country),
        ]),
  ];
}

/** The order with its texts as they stand in the file. */
function checkedOrder(order: SepaOrder, checks: PaymentChecks): SepaOrder {
  checks.payments(order.payments, { currency: 'EUR', most: MOST });
  checks.moment({ payout: null, field: 'createdAt' }, order.createdAt);
  checks.date({ payout: null, field: 'executionDate' }, order.executionDate);
  checks.unless(
    /^[A-Za-z0-9][A-Za-z0-9-]{0,34}$/.test(order.messageId),
    { payout: null, field: 'messageId' },
    'message_id',
    `'${shorten(order.messageId)}' is no id of a message`,
    'use at most 35 letters, digits and hyphens',
  );
  const abroad = order.payments.find(({ iban }) => OUTSIDE_EEA.includes(iban.slice(0, 2)));
  checks.unless(
    abroad === undefined || order.debtor.address !== null,
    { payout: null, field: 'debtor.address' },
    'address_missing',
    `is missing, and payout ${abroad?.number} goes to a bank outside the European Economic Area, which asks for it`,
    'add town and country to the profile of the rail',
  );
  return {
    ...order,
    debtor: { ...order.debtor, ...checkedParty(null, 'debtor.', order.debtor, checks) },
    payments: order.payments.map((payment) => ({
      ...payment,
      ...checkedParty(payment.number, '', payment, checks),
      remittance: checks.maybeText({ payout: payment.number, field: 'remittance' }, payment.remittance, 140, toSepa),
    })),
  };
}

type Party = Pick<SepaDebtor, 'name' | 'iban' | 'bic' | 'address'>;

function checkedParty(payout: string | null, whose: string, party: Party, checks: PaymentChecks): Party {
  const at = (field: string) => ({ payout, field: `${whose}${field}` });
  const { iban, bic } = party;
  const mend = payout === null ? 'correct the profile of the rail' : 'correct the instrument of the partner';
  const country = iban.slice(0, 2);
  if (!isValidIBAN(iban)) {
    checks.refuse(at('iban'), 'iban', 'is no IBAN: length or check digits do not fit', mend);
  } else {
    checks.unless(
      IN_EEA.includes(country) || OUTSIDE_EEA.includes(country),
      at('iban'),
      'iban_outside_sepa',
      `is of ${country}, and SEPA does not pay there`,
      'give the partner another instrument, or pay by the register',
    );
  }
  if (bic !== null) checks.unless(isValidBIC(bic), at('bic'), 'bic', `'${shorten(bic)}' is no BIC`, mend);
  return {
    ...party,
    name: checks.text(at('name'), party.name, 70, toSepa),
    address: party.address === null ? null : checkedAddress(payout, whose, party.address, checks),
  };
}

function checkedAddress(
  payout: string | null,
  whose: string,
  address: PostalAddress,
  checks: PaymentChecks,
): PostalAddress {
  const at = (field: string) => ({ payout, field: `${whose}address.${field}` });
  checks.unless(
    /^[A-Z]{2}$/.test(address.country),
    at('country'),
    'country',
    `'${shorten(address.country)}' is no country`,
    'write it as two capitals of ISO 3166',
  );
  return {
    street: checks.maybeText(at('street'), address.street, 70, toSepa),
    building: checks.maybeText(at('building'), address.building, 16, toSepa),
    postCode: checks.maybeText(at('postCode'), address.postCode, 16, toSepa),
    town: checks.text(at('town'), address.town, 35, toSepa),
    country: address.country,
  };
}
