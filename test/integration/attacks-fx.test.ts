import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { decideRange, drawKnownSeq, ledgerAccount, openChunk, recordBatch, startRun, type Batch } from '../books.ts';
import { testDatabase } from '../database.ts';
import { insertTerms } from '../support/rating-books.ts';

interface FxScene extends BooksScene {
  /** A payment of 100.00 EUR at acme-uk that nobody has decided. */
  readonly open: Batch;
  readonly wallets: Readonly<Record<'EUR' | 'USD', number>>;
  /** 10 %, paid in USD. */
  readonly converting: number;
  readonly seq: number;
  /** EUR/USD, and EUR/GBP. */
  readonly rates: Readonly<Record<'USD' | 'GBP', number>>;
}

let scene: FxScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins } = opened;
  scene = await logins.operator.transaction(async (tx) => {
    const place = { instanceId: books.instance['acme-uk']!, partnerId: books.partner['acme']! };
    const seq = await drawKnownSeq(tx, 'a rate');
    const rates = { USD: await rate(tx, { seq }), GBP: await rate(tx, { seq, quote: 'GBP' }) };
    return {
      ...opened,
      open: await recordBatch(tx, books.source, [{ externalId: 'a', instanceId: place.instanceId }]),
      wallets: {
        EUR: await ledgerAccount(tx, place),
        USD: await ledgerAccount(tx, { ...place, currency: 'USD' }),
      },
      converting: await insertTerms(tx, {
        scope: 'partner',
        scopeId: place.partnerId,
        says: { kind: 'percentage', rate_ppm: 100_000, pays_in: 'USD' },
      }),
      seq,
      rates,
    };
  });
});
afterAll(async () => await scene.database.drop());

interface Said {
  readonly seq?: number;
  readonly date?: string;
  readonly quote?: string;
  readonly rate?: string;
  readonly source?: string;
}

/** EUR/USD of 1 October, but for what is told; under a number of its own unless told. */
async function rate(tx: Connection, said: Said): Promise<number> {
  const { seq = await drawKnownSeq(tx, 'a rate'), date = '2026-10-01', quote = 'USD', rate: worth = '1.1' } = said;
  const [made] = await tx.sql<{ id: number }[]>`
    insert into fx_rates (rate_date, base, quote, rate, source, known_seq)
    values (${date}, 'EUR', ${quote}, ${worth}, ${said.source ?? 'ECB'}, ${seq}) returning id::int`;
  return made!.id;
}

interface Entry {
  readonly wallet: 'EUR' | 'USD' | null;
  readonly fx: string | null;
  readonly rule: 'converting' | 'plain';
  /** The rates it says to be converted by; default: the one of the pair where it is converted. */
  readonly by?: (s: FxScene) => readonly number[] | null;
}

/** The payment decided in a chunk of its own: 10.00 of whatever the wallet is of, or nothing. */
async function decide(tx: Connection, s: FxScene, { wallet, fx, rule, by }: Entry): Promise<void> {
  const run = await startRun(tx);
  const chunk = await openChunk(tx, run);
  await decideRange(tx, chunk, s.open, s.open.lastId);
  const minor = wallet === null ? 0 : 1000;
  const ids = by === undefined ? (fx === null ? null : [s.rates.USD]) : by(s);
  await tx.sql`
    insert into entries (event_id, chunk_id, wallet_id, amount_minor, base_minor, full_minor, fx_rate, fx_rate_ids, rule_version_id, known_seq, rate_ppm,
      posting_date, payable_on, kind, reason, leg)
    values (${s.open.firstId}, ${chunk}, ${wallet === null ? null : s.wallets[wallet]}, ${minor}, 10000, ${minor}, ${fx}, ${ids === null ? null : `{${ids.join(',')}}`}::bigint[],
      ${rule === 'converting' ? s.converting : s.books.ruleVersion}, ${run.knownSeq}, 100000, '2026-10-01', '2026-10-31', 'earning',
      ${wallet === null ? 'zero_sale' : null}, 0)`;
}
const CONVERTED: Entry = { wallet: 'USD', fx: '1.1', rule: 'converting' };
const deciding = (entry: Entry) => async (tx: Connection, s: FxScene) => await decide(tx, s, entry);

it('lets honest rates and entries through', async () => {
  const honest: Entry[] = [
    CONVERTED,
    { ...CONVERTED, by: ({ rates }) => [rates.GBP, rates.USD] },
    { wallet: 'EUR', fx: null, rule: 'plain' },
    { wallet: null, fx: null, rule: 'converting' },
  ];
  for (const db of [scene.logins.operator, scene.logins.owner]) {
    expect(await refusal(db, async (tx) => await rate(tx, { rate: '1.2' }))).toBe('nothing');
    for (const entry of honest) expect(await refusal(db, async (tx) => await decide(tx, scene, entry))).toBe('nothing');
  }
});

it('writes a line of the audit log for each pair of a statement', async () => {
  const lines = await scene.logins.operator.sql`
    select row_key, after ->> 'rates' as rates, after ->> 'rate' as rate from audit_log where table_name = 'fx_rates'`;
  expect(lines).toEqual([
    { row_key: 'EUR/USD', rates: '1', rate: '1.1' },
    { row_key: 'EUR/GBP', rates: '1', rate: '1.1' },
  ]);
});

repels(
  () => scene,
  [
    attack('changes a rate', ['42501', 'RV001'], ({ sql }) => sql`update fx_rates set rate = 2`),
    attack('takes a rate away', ['42501', 'RV001'], ({ sql }) => sql`delete from fx_rates`),
    attack('empties the table of rates', ['42501', 'RV001'], ({ sql }) => sql`truncate fx_rates`),
    attack(
      'slips a rate in below a number that was read',
      'RV002',
      async (tx, s) => await rate(tx, { seq: s.seq, date: '2026-10-02' }),
    ),
    attack('says two rates of a day under one number', '23505', async (tx) => {
      const seq = await drawKnownSeq(tx, 'two rates');
      await rate(tx, { seq });
      await rate(tx, { seq, rate: '1.2' });
    }),
    attack('says that a currency is worth nothing', '23514', async (tx) => await rate(tx, { rate: '0' })),
    attack(
      'says a rate of more decimals than are kept',
      '23514',
      async (tx) => await rate(tx, { rate: '1.0000000000001' }),
    ),
    attack('says a rate without number', '23514', async (tx) => await rate(tx, { rate: 'NaN' })),
    attack('says what a currency is worth in itself', '23514', async (tx) => await rate(tx, { quote: 'EUR' })),
    attack('says a rate of a currency that is none', '23503', async (tx) => await rate(tx, { quote: 'XQQ' })),
    attack('says a rate that nobody published', '23514', async (tx) => await rate(tx, { source: '' })),
    attack(
      'pays in another currency without converting',
      'RV009',
      deciding({ wallet: 'USD', fx: null, rule: 'plain' }),
    ),
    attack(
      'converts by a rule that pays as the sale does',
      'RV009',
      deciding({ wallet: 'USD', fx: '1.1', rule: 'plain' }),
    ),
    attack(
      'converts and pays in the sale’s currency',
      'RV009',
      deciding({ wallet: 'EUR', fx: '1.1', rule: 'converting' }),
    ),
    attack('does not say by which rates it converts', 'RV009', deciding({ ...CONVERTED, by: () => null })),
    attack('converts by no rate', 'RV009', deciding({ ...CONVERTED, by: () => [] })),
    attack('converts by a rate that nobody recorded', 'RV009', deciding({ ...CONVERTED, by: () => [999] })),
    attack('converts by the rate of another pair', 'RV009', deciding({ ...CONVERTED, by: ({ rates }) => [rates.GBP] })),
    attack(
      'crosses over what does not lead to its currency',
      'RV009',
      deciding({ ...CONVERTED, by: ({ rates }) => [rates.USD, rates.GBP] }),
    ),
    attack(
      'names rates and converts nothing',
      'RV009',
      deciding({ wallet: 'EUR', fx: null, rule: 'plain', by: ({ rates }) => [rates.USD] }),
    ),
    attack('converts into nobody’s wallet', 'RV009', deciding({ wallet: null, fx: '1.1', rule: 'converting' })),
    attack(
      'does not convert what pays in another currency',
      'RV009',
      deciding({ wallet: 'EUR', fx: null, rule: 'converting' }),
    ),
  ],
);
