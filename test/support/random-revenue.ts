import { PLAIN_HEADER } from './revenue.ts';

/** mulberry32: small, fast, and the same on every machine, so that a seed replays a file. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What a row was made to be. */
export interface ExpectedEvent {
  readonly id: string;
  readonly kind: string;
  readonly netMinor: string;
  readonly currency: string;
  readonly instance: string;
  readonly account: string | null;
  readonly date: string;
}
export interface ExpectedReject {
  readonly line: number;
  readonly column: number;
  readonly code: string;
  /** The record, byte for byte. */
  readonly raw: string;
}
export interface RandomFile {
  readonly bytes: Buffer;
  readonly rows: number;
  readonly known: number;
  readonly events: readonly ExpectedEvent[];
  readonly rejects: readonly ExpectedReject[];
}

const INSTANCES = ['shop', 'shop-2', 'shop-3'];
const CURRENCIES: readonly (readonly [string, number])[] = [
  ['EUR', 2],
  ['JPY', 0],
  ['KWD', 3],
];
const KINDS: readonly (readonly [string, 1 | -1 | 0])[] = [
  ['payment', 1],
  ['refund', -1],
  ['credit_note', -1],
  ['chargeback', -1],
  ['chargeback_won', 1],
  ['adjustment', -1],
  ['adjustment', 1],
];

/** In the order of PLAIN_HEADER. */
type Fields = [
  id: string,
  kind: string,
  at: string,
  net: string,
  currency: string,
  instance: string,
  account: string,
  product: string,
  saleRef: string,
  saleNet: string,
];

/** One thing wrong with a good row: what the row becomes, and what is to be said of it. */
type Damage = (fields: Fields, draw: () => number) => { raw?: string; column: number; code: string };

const DAMAGES: readonly Damage[] = [
  (f) => ((f[0] = ' '), { column: 1, code: 'external_id_blank' }),
  (f) => ((f[0] = `${f[0]}${'x'.repeat(501)}`), { column: 1, code: 'text_too_long' }),
  (f) => ((f[1] = 'paymnt'), { column: 2, code: 'kind_unknown' }),
  (f) => ((f[2] = '2026-02-30'), { column: 3, code: 'date_invalid' }),
  (f) => ((f[2] = '05/10/2026'), { column: 3, code: 'date_invalid' }),
  (f) => ((f[2] = ''), { column: 3, code: 'date_invalid' }),
  (f) => ((f[3] = `${f[3]}0001`.replace(/^(-?\d+)0001$/, '$1.0001')), { column: 4, code: 'amount_decimals' }),
  (f) => ((f[3] = ''), { column: 4, code: 'amount_blank' }),
  (f) => ((f[3] = '12,50'), { column: 4, code: 'amount_not_a_number' }),
  (f) => ((f[3] = '1e3'), { column: 4, code: 'amount_exponent' }),
  (f) => ((f[1] = 'payment'), (f[3] = '-1'), { column: 4, code: 'wrong_sign' }),
  (f) => ((f[1] = 'refund'), (f[3] = '1'), { column: 4, code: 'wrong_sign' }),
  (f) => ((f[4] = 'EURO'), { column: 5, code: 'currency_unknown' }),
  (f) => ((f[4] = ''), { column: 5, code: 'currency_blank' }),
  (f) => ((f[5] = 'nowhere'), { column: 6, code: 'instance_unknown' }),
  (f) => ((f[5] = ''), { column: 6, code: 'instance_blank' }),
  (f) => ((f[8] = `orphan-${f[0]}`), (f[9] = ''), { column: 10, code: 'sale_net_missing' }),
  (f) => ((f[8] = `minus-${f[0]}`), (f[9] = '-5'), { column: 10, code: 'sale_negative' }),
  (f, draw) => ((f[Math.floor(draw() * 10)] += '\0'), { column: 0, code: 'nul_byte' }),
  (f) => ({ raw: f.slice(0, 7).map(quote).join(','), column: 8, code: 'field_count' }),
  (f) => ({ raw: `${f.map(quote).join(',')},more`, column: 11, code: 'field_count' }),
  (f) => ({
    raw: [f[0], f[1], `"${f[2]}"x`, ...f.slice(3, 6), 'C-1', ...f.slice(7)].join(','),
    column: 3,
    code: 'text_after_quote',
  }),
  (f) => ({ raw: [...f.slice(0, 6), `a"b`, ...f.slice(7).map(quote)].join(','), column: 7, code: 'quote_in_field' }),
  (f) => ({
    raw: [...f.slice(0, 6), `Gr\u00ff\u00fen`, ...f.slice(7).map(quote)].join(','),
    column: 7,
    code: 'invalid_encoding',
  }),
];

function quote(field: string): string {
  return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/**
 * A file of random rows, some of them damaged, repeated, or contradicting an earlier one. Bytes are latin1 of `raw`, so
 * that bytes which are no UTF-8 can stand in it; good rows are ASCII.
 */
export function randomFile(seed: number, rows: number): RandomFile {
  const draw = randomFrom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)]!;
  const events: ExpectedEvent[] = [];
  const rejects: ExpectedReject[] = [];
  const written: { fields: Fields; line: number }[] = [];
  const sales = new Map<
    string,
    { instance: string; currency: string; net: string; account: string; product: string }
  >();
  let known = 0;
  let text = `${PLAIN_HEADER}\n`;
  let line = 2;

  for (let row = 0; row < rows; row += 1) {
    const end = draw() < 0.2 ? '\r\n' : '\n';
    const put = (raw: string): string => {
      text += raw + end;
      line += raw.split('\n').length;
      if (draw() < 0.02) {
        text += '\n';
        line += 1;
      }
      return raw + end;
    };
    const chance = draw();
    const earlier = written.length > 0 ? pick(written) : null;
    if (chance < 0.04 && earlier !== null) {
      known += 1;
      put(earlier.fields.map(quote).join(','));
      continue;
    }
    if (chance < 0.07 && earlier !== null) {
      const fields: Fields = [...earlier.fields];
      fields[7] = `${fields[7]}-other`;
      const at = line;
      rejects.push({ line: at, column: 1, code: 'same_id_in_file', raw: put(fields.map(quote).join(',')) });
      continue;
    }

    const [currency, decimals] = pick(CURRENCIES);
    const [kind, sign] = pick(KINDS);
    const minor = sign * Math.floor(draw() * 1_000_000);
    const digits = String(Math.abs(minor)).padStart(decimals + 1, '0');
    const net =
      (minor < 0 ? '-' : '') + (decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`);
    const day = new Date(Date.UTC(2026, 0, 1 + Math.floor(draw() * 300), Math.floor(draw() * 24))).toISOString();
    const instance = pick(INSTANCES);
    let account = pick([
      '',
      `C-${Math.floor(draw() * 200)}`,
      `C, "${Math.floor(draw() * 20)}"`,
      `C\n${Math.floor(draw() * 20)}`,
    ]);
    const fields: Fields = [
      `e${row}`,
      kind,
      day,
      net,
      currency,
      instance,
      account,
      pick(['', 'plan', 'addon']),
      '',
      '',
    ];
    if (draw() < 0.3) {
      const ref = `S-${Math.floor((draw() * rows) / 10)}`;
      const sale = sales.get(ref);
      if (sale === undefined || (sale.instance === instance && sale.currency === currency)) {
        fields[8] = ref;
        fields[9] = sale?.net ?? String(Math.floor(draw() * 1000));
        // A sale is of one account and product; each of its rows may name them or leave them blank.
        if (account !== '' && sale !== undefined && sale.account !== '') fields[6] = account = sale.account;
        if (fields[7] !== '' && sale !== undefined && sale.product !== '') fields[7] = sale.product;
        const named = { account: account || (sale?.account ?? ''), product: fields[7] || (sale?.product ?? '') };
        if (chance >= 0.3) sales.set(ref, { instance, currency, net: fields[9], ...named });
        else if (sale === undefined) fields[8] = fields[9] = '';
      }
    }
    const at = line;
    if (chance < 0.3) {
      const { raw, column, code } = pick(DAMAGES)(fields, draw);
      const found = column === 0 ? fields.findIndex((field) => field.includes('\0')) + 1 : column;
      rejects.push({ line: at, column: found, code, raw: put(raw ?? fields.map(quote).join(',')) });
      continue;
    }
    put(fields.map(quote).join(','));
    written.push({ fields, line: at });
    events.push({
      id: fields[0],
      kind,
      netMinor: String(minor + 0),
      currency,
      instance,
      account: account === '' ? null : account,
      date: day.slice(0, 10),
    });
  }
  return { bytes: Buffer.from(text, 'latin1'), rows, known, events, rejects };
}
