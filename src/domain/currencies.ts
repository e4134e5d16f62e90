import { UsageError } from './errors.ts';

/**
 * ISO 4217, kept by ourselves: `Intl` rounds by CLDR's habits, which differ from the standard in fifteen live
 * currencies, and it forgets withdrawn ones that old invoices still carry. Metals, bond units and test codes (XAU,
 * XBA, XTS, XXX …) are left out on purpose: they have no minor unit, so nothing can be owed in them.
 */
export interface Currency {
  readonly code: string;
  /** How many decimals the smallest amount has: JPY 0, EUR 2, KWD 3, CLF 4. */
  readonly minorUnits: number;
  readonly name: string;
  /** First day of use, where the currency is young enough for that to matter; null otherwise. */
  readonly validFrom: string | null;
  /** Last day of use of a withdrawn currency; null while it lives. */
  readonly validTo: string | null;
}

type Row = readonly [code: string, minorUnits: number, name: string, validFrom?: string | null, validTo?: string];

const LIVE: readonly Row[] = [
  ['AED', 2, 'UAE Dirham'],
  ['AFN', 2, 'Afghani'],
  ['ALL', 2, 'Lek'],
  ['AMD', 2, 'Armenian Dram'],
  ['AOA', 2, 'Kwanza'],
  ['ARS', 2, 'Argentine Peso'],
  ['AUD', 2, 'Australian Dollar'],
  ['AWG', 2, 'Aruban Florin'],
  ['AZN', 2, 'Azerbaijan Manat'],
  ['BAM', 2, 'Convertible Mark'],
  ['BBD', 2, 'Barbados Dollar'],
  ['BDT', 2, 'Taka'],
  ['BHD', 3, 'Bahraini Dinar'],
  ['BIF', 0, 'Burundi Franc'],
  ['BMD', 2, 'Bermudian Dollar'],
  ['BND', 2, 'Brunei Dollar'],
  ['BOB', 2, 'Boliviano'],
  ['BOV', 2, 'Mvdol'],
  ['BRL', 2, 'Brazilian Real'],
  ['BSD', 2, 'Bahamian Dollar'],
  ['BTN', 2, 'Ngultrum'],
  ['BWP', 2, 'Pula'],
  ['BYN', 2, 'Belarusian Ruble', '2016-07-01'],
  ['BZD', 2, 'Belize Dollar'],
  ['CAD', 2, 'Canadian Dollar'],
  ['CDF', 2, 'Congolese Franc'],
  ['CHE', 2, 'WIR Euro'],
  ['CHF', 2, 'Swiss Franc'],
  ['CHW', 2, 'WIR Franc'],
  ['CLF', 4, 'Unidad de Fomento'],
  ['CLP', 0, 'Chilean Peso'],
  ['CNY', 2, 'Yuan Renminbi'],
  ['COP', 2, 'Colombian Peso'],
  ['COU', 2, 'Unidad de Valor Real'],
  ['CRC', 2, 'Costa Rican Colon'],
  ['CUP', 2, 'Cuban Peso'],
  ['CVE', 2, 'Cabo Verde Escudo'],
  ['CZK', 2, 'Czech Koruna'],
  ['DJF', 0, 'Djibouti Franc'],
  ['DKK', 2, 'Danish Krone'],
  ['DOP', 2, 'Dominican Peso'],
  ['DZD', 2, 'Algerian Dinar'],
  ['EGP', 2, 'Egyptian Pound'],
  ['ERN', 2, 'Nakfa'],
  ['ETB', 2, 'Ethiopian Birr'],
  ['EUR', 2, 'Euro', '1999-01-01'],
  ['FJD', 2, 'Fiji Dollar'],
  ['FKP', 2, 'Falkland Islands Pound'],
  ['GBP', 2, 'Pound Sterling'],
  ['GEL', 2, 'Lari'],
  ['GHS', 2, 'Ghana Cedi'],
  ['GIP', 2, 'Gibraltar Pound'],
  ['GMD', 2, 'Dalasi'],
  ['GNF', 0, 'Guinean Franc'],
  ['GTQ', 2, 'Quetzal'],
  ['GYD', 2, 'Guyana Dollar'],
  ['HKD', 2, 'Hong Kong Dollar'],
  ['HNL', 2, 'Lempira'],
  ['HTG', 2, 'Gourde'],
  ['HUF', 2, 'Forint'],
  ['IDR', 2, 'Rupiah'],
  ['ILS', 2, 'New Israeli Sheqel'],
  ['INR', 2, 'Indian Rupee'],
  ['IQD', 3, 'Iraqi Dinar'],
  ['IRR', 2, 'Iranian Rial'],
  ['ISK', 0, 'Iceland Krona'],
  ['JMD', 2, 'Jamaican Dollar'],
  ['JOD', 3, 'Jordanian Dinar'],
  ['JPY', 0, 'Yen'],
  ['KES', 2, 'Kenyan Shilling'],
  ['KGS', 2, 'Som'],
  ['KHR', 2, 'Riel'],
  ['KMF', 0, 'Comorian Franc'],
  ['KPW', 2, 'North Korean Won'],
  ['KRW', 0, 'Won'],
  ['KWD', 3, 'Kuwaiti Dinar'],
  ['KYD', 2, 'Cayman Islands Dollar'],
  ['KZT', 2, 'Tenge'],
  ['LAK', 2, 'Lao Kip'],
  ['LBP', 2, 'Lebanese Pound'],
  ['LKR', 2, 'Sri Lanka Rupee'],
  ['LRD', 2, 'Liberian Dollar'],
  ['LSL', 2, 'Loti'],
  ['LYD', 3, 'Libyan Dinar'],
  ['MAD', 2, 'Moroccan Dirham'],
  ['MDL', 2, 'Moldovan Leu'],
  ['MGA', 2, 'Malagasy Ariary'],
  ['MKD', 2, 'Denar'],
  ['MMK', 2, 'Kyat'],
  ['MNT', 2, 'Tugrik'],
  ['MOP', 2, 'Pataca'],
  ['MRU', 2, 'Ouguiya', '2018-01-01'],
  ['MUR', 2, 'Mauritius Rupee'],
  ['MVR', 2, 'Rufiyaa'],
  ['MWK', 2, 'Malawi Kwacha'],
  ['MXN', 2, 'Mexican Peso'],
  ['MXV', 2, 'Mexican Unidad de Inversion (UDI)'],
  ['MYR', 2, 'Malaysian Ringgit'],
  ['MZN', 2, 'Mozambique Metical'],
  ['NAD', 2, 'Namibia Dollar'],
  ['NGN', 2, 'Naira'],
  ['NIO', 2, 'Cordoba Oro'],
  ['NOK', 2, 'Norwegian Krone'],
  ['NPR', 2, 'Nepalese Rupee'],
  ['NZD', 2, 'New Zealand Dollar'],
  ['OMR', 3, 'Rial Omani'],
  ['PAB', 2, 'Balboa'],
  ['PEN', 2, 'Sol'],
  ['PGK', 2, 'Kina'],
  ['PHP', 2, 'Philippine Peso'],
  ['PKR', 2, 'Pakistan Rupee'],
  ['PLN', 2, 'Zloty'],
  ['PYG', 0, 'Guarani'],
  ['QAR', 2, 'Qatari Rial'],
  ['RON', 2, 'Romanian Leu'],
  ['RSD', 2, 'Serbian Dinar'],
  ['RUB', 2, 'Russian Ruble'],
  ['RWF', 0, 'Rwanda Franc'],
  ['SAR', 2, 'Saudi Riyal'],
  ['SBD', 2, 'Solomon Islands Dollar'],
  ['SCR', 2, 'Seychelles Rupee'],
  ['SDG', 2, 'Sudanese Pound'],
  ['SEK', 2, 'Swedish Krona'],
  ['SGD', 2, 'Singapore Dollar'],
  ['SHP', 2, 'Saint Helena Pound'],
  ['SLE', 2, 'Leone', '2022-07-01'],
  ['SOS', 2, 'Somali Shilling'],
  ['SRD', 2, 'Surinam Dollar'],
  ['SSP', 2, 'South Sudanese Pound'],
  ['STN', 2, 'Dobra', '2018-01-01'],
  ['SVC', 2, 'El Salvador Colon'],
  ['SYP', 2, 'Syrian Pound'],
  ['SZL', 2, 'Lilangeni'],
  ['THB', 2, 'Baht'],
  ['TJS', 2, 'Somoni'],
  ['TMT', 2, 'Turkmenistan New Manat'],
  ['TND', 3, 'Tunisian Dinar'],
  ['TOP', 2, 'Pa’anga'],
  ['TRY', 2, 'Turkish Lira'],
  ['TTD', 2, 'Trinidad and Tobago Dollar'],
  ['TWD', 2, 'New Taiwan Dollar'],
  ['TZS', 2, 'Tanzanian Shilling'],
  ['UAH', 2, 'Hryvnia'],
  ['UGX', 0, 'Uganda Shilling'],
  ['USD', 2, 'US Dollar'],
  ['USN', 2, 'US Dollar (Next day)'],
  ['UYI', 0, 'Uruguay Peso en Unidades Indexadas (UI)'],
  ['UYU', 2, 'Peso Uruguayo'],
  ['UYW', 4, 'Unidad Previsional'],
  ['UZS', 2, 'Uzbekistan Sum'],
  ['VED', 2, 'Bolívar Soberano (digital)', '2021-10-01'],
  ['VES', 2, 'Bolívar Soberano', '2018-08-20'],
  ['VND', 0, 'Dong'],
  ['VUV', 0, 'Vatu'],
  ['WST', 2, 'Tala'],
  ['XAD', 2, 'Arab Accounting Dinar', '2025-05-12'],
  ['XAF', 0, 'CFA Franc BEAC'],
  ['XCD', 2, 'East Caribbean Dollar'],
  ['XCG', 2, 'Caribbean Guilder', '2025-03-31'],
  ['XOF', 0, 'CFA Franc BCEAO'],
  ['XPF', 0, 'CFP Franc'],
  ['YER', 2, 'Yemeni Rial'],
  ['ZAR', 2, 'Rand'],
  ['ZMW', 2, 'Zambian Kwacha', '2013-01-01'],
  ['ZWG', 2, 'Zimbabwe Gold', '2024-06-25'],
];

/** Withdrawn within the life of invoices that are still being refunded, corrected or audited. */
const WITHDRAWN: readonly Row[] = [
  ['ANG', 2, 'Netherlands Antillean Guilder', null, '2025-06-30'],
  ['BGN', 2, 'Bulgarian Lev', null, '2025-12-31'],
  ['BYR', 0, 'Belarusian Ruble (2000)', null, '2016-12-31'],
  ['CUC', 2, 'Peso Convertible', null, '2021-06-30'],
  ['EEK', 2, 'Kroon', null, '2010-12-31'],
  ['HRK', 2, 'Kuna', null, '2022-12-31'],
  ['LTL', 2, 'Lithuanian Litas', null, '2014-12-31'],
  ['LVL', 2, 'Latvian Lats', null, '2013-12-31'],
  ['MRO', 2, 'Ouguiya (1973)', null, '2018-06-30'],
  ['SLL', 2, 'Leone (1964)', null, '2023-12-31'],
  ['STD', 2, 'Dobra (1977)', null, '2018-06-30'],
  ['VEF', 2, 'Bolívar (2008)', null, '2018-08-19'],
  ['ZMK', 2, 'Zambian Kwacha (1968)', null, '2012-12-31'],
  ['ZWL', 2, 'Zimbabwe Dollar (2009)', null, '2024-08-31'],
];

const BY_CODE: ReadonlyMap<string, Currency> = new Map(
  [...LIVE, ...WITHDRAWN].map(([code, minorUnits, name, validFrom = null, validTo = null]) => [
    code,
    Object.freeze({ code, minorUnits, name, validFrom, validTo }),
  ]),
);

/** Every currency known here, by code in alphabetical order. */
export function currencies(): readonly Currency[] {
  return [...BY_CODE.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

/**
 * The currency of an ISO 4217 code, written in capitals; withdrawn ones are found too, because their old invoices are
 * still refunded: ask `isCurrencyUsedOn` about a date.
 * @throws UsageError `currency_unknown`
 */
export function currency(code: string): Currency {
  const found = BY_CODE.get(code);
  if (found === undefined) throw unknownCurrency(code);
  return found;
}

/** Whether the text is the code of a currency, live or withdrawn. */
export function isCurrency(code: string): boolean {
  return BY_CODE.has(code);
}

/**
 * The number of decimals of a currency's smallest amount.
 * @throws UsageError `currency_unknown`
 */
export function minorUnits(code: string): number {
  return currency(code).minorUnits;
}

/**
 * Whether money could be owed in this currency on a civil date.
 * @throws UsageError `currency_unknown`
 */
export function isCurrencyUsedOn(code: string, date: string): boolean {
  const { validFrom, validTo } = currency(code);
  return (validFrom === null || date >= validFrom) && (validTo === null || date <= validTo);
}

function unknownCurrency(code: string): UsageError {
  const capitals = code.trim().toUpperCase();
  const hint = BY_CODE.has(capitals)
    ? `write it as ${capitals}`
    : 'use an ISO 4217 code of three capital letters, for instance EUR, USD or JPY';
  return new UsageError('currency_unknown', `there is no currency '${code}'`, { hint });
}
