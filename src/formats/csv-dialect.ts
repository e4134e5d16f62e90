/**
 * How spreadsheets of a country expect a CSV file: what stands between the cells and in front of the decimals. Grouping
 * and dates are the same everywhere, none and ISO 8601, which every one of them reads.
 */
export const LOCALES = {
  en: { delimiter: ',', decimal: '.' },
  de: { delimiter: ';', decimal: ',' },
  'de-ch': { delimiter: ';', decimal: '.' },
  es: { delimiter: ';', decimal: ',' },
  fr: { delimiter: ';', decimal: ',' },
  it: { delimiter: ';', decimal: ',' },
  nl: { delimiter: ';', decimal: ',' },
  pl: { delimiter: ';', decimal: ',' },
  pt: { delimiter: ';', decimal: ',' },
} as const;
export type Locale = keyof typeof LOCALES;
export const LOCALE_NAMES = Object.keys(LOCALES) as [Locale, ...Locale[]];

export interface CsvDialect {
  readonly locale: Locale;
  /** Begins with a byte order mark, without which Excel takes UTF-8 for the code page of the machine. */
  readonly bom: boolean;
}

/** RFC 4180 in UTF-8, as programs read it. */
export const PLAIN_CSV: CsvDialect = { locale: 'en', bom: false };

export const BYTE_ORDER_MARK = Buffer.from('\uFEFF', 'utf8');
