import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../database.ts';
import { emptyDirectory, shell } from '../cli/terminal.ts';

/**
 * One tenant with three instances of two partners in two currencies, each its own business (issue "Commercial
 * isolation"). It is told twice: in one book an instance is suspended in the middle of the month, the other is the
 * control, where nobody ever was.
 */
interface Book {
  readonly database: TestDatabase;
  /** Types a line that must end well; what it printed. */
  readonly must: (line: string) => Promise<string>;
  readonly rows: (line: string) => Promise<Record<string, string | null>[]>;
  readonly refused: (line: string) => Promise<string>;
}

const PARTIES = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale" --type reseller --currency EUR',
  'partner create zenith --name "Zenith Sales" --type reseller --currency USD',
  'instance create shop-eu --tenant northwind --partner acme --name "Northwind Europe"',
  'instance create shop-lab --tenant northwind --partner acme --name "Northwind Lab"',
  'instance create shop-us --tenant northwind --partner zenith --name "Northwind America"',
  'settings set hold_days 0 --from 2026-01-01',
  'settings set hold_days 7 --instance shop-lab --from 2026-11-01',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  'rule set --scope instance=shop-us --percentage 15% --from 2026-01-01',
  'rule set --scope instance=shop-lab --percentage 12.5% --from 2026-01-01',
];

/** Each instance pays for its own plan, at its partner's own price. */
const SUBSCRIPTIONS = [
  'plan create basic --name Basic',
  'plan create pro --name Pro',
  'price-book set basic/monthly --currency EUR --wholesale 20 --list 40 --from 2026-01-01',
  'price-book set pro/monthly --currency EUR --wholesale 50 --list 90 --from 2026-01-01',
  'price-book set pro/monthly --currency USD --wholesale 55 --list 99 --from 2026-01-01',
  'subscription create eu pro/monthly --instance shop-eu --currency EUR --price 89.99 --from 2026-11-01',
  'subscription create lab basic/monthly --instance shop-lab --currency EUR --from 2026-11-01',
  'subscription create us pro/monthly --instance shop-us --currency USD --price 120 --from 2026-11-01',
];

const sale = (instance: string, currency: string, net: string, on: string, id: string) =>
  `revenue record --instance ${instance} --kind payment --net ${net} --currency ${currency} --occurred-at ${on} --id ${id} --sale-ref S-${id} --sale-net ${net}`;

const FIRST_HALF = [
  sale('shop-eu', 'EUR', '120.37', '2026-11-03', 'eu-1'),
  sale('shop-lab', 'EUR', '99.99', '2026-11-04', 'lab-1'),
  sale('shop-us', 'USD', '310.05', '2026-11-05', 'us-1'),
  'job run accrue-commissions --for 2026-11-09',
];
const SECOND_HALF = [
  sale('shop-eu', 'EUR', '64.44', '2026-11-12', 'eu-2'),
  sale('shop-lab', 'EUR', '10.01', '2026-11-12', 'lab-2'),
  sale('shop-us', 'USD', '77.77', '2026-11-13', 'us-2'),
  'revenue record --instance shop-us --kind refund --net -10.05 --currency USD --occurred-at 2026-11-14 --id us-r --sale-ref S-us-1 --sale-net 310.05',
  'job run accrue-commissions --for 2026-11-20',
];

async function openBook(): Promise<Book> {
  const database = await testDatabase();
  const type = shell(database, { env: await database.environmentOf('checker'), cwd: emptyDirectory() });
  const must = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await type(line);
    expect(code, `${line}\n${stderr}`).toBe(0);
    return stdout;
  };
  return {
    database,
    must,
    rows: async (line) => JSON.parse(await must(`${line} --json`)) as Record<string, string | null>[],
    refused: async (line) => {
      const { code, stderr } = await type(line);
      expect(code, line).toBe(3);
      return stderr;
    },
  };
}

describe('a tenant with three businesses', () => {
  let told: Book;
  let control: Book;
  beforeAll(async () => {
    [told, control] = [await openBook(), await openBook()];
    for (const line of [...PARTIES, ...SUBSCRIPTIONS, ...FIRST_HALF]) {
      await told.must(line);
      await control.must(line);
    }
  }, 240_000);
  afterAll(async () => {
    await told.database.drop();
    await control.database.drop();
  });

  /** Everything that is told of the siblings, to the cent. */
  const siblings = async (book: Book) => ({
    wallets: [
      ...(await book.rows('wallet list --instance shop-lab')),
      ...(await book.rows('wallet list --instance shop-us')),
    ],
    lab: stripped(await book.rows('instance financials shop-lab')),
    us: stripped(await book.rows('instance financials shop-us')),
    earnings: await book.must('earnings list --instance shop-lab -o csv'),
  });
  const held = async (book: Book) => {
    const [row] = await book.rows('instance financials shop-eu');
    return { commission: row!['commission'], held: row!['held'], approved: row!['approved'], balance: row!['balance'] };
  };

  it('runs three paid platforms, each on its own subscription and charged by itself', async () => {
    const paid = await told.rows('subscription list');
    expect(paid.map((row) => [row['instance'], row['plan'], row['currency'], row['wholesale'], row['price']])).toEqual([
      ['shop-eu', 'pro', 'EUR', '50.00', '89.99'],
      ['shop-lab', 'basic', 'EUR', '20.00', '40.00'],
      ['shop-us', 'pro', 'USD', '55.00', '120.00'],
    ]);
    for (const book of [told, control]) await book.must('wholesale charge --period 2026-11');
    const books = (await told.rows('analytics tenant northwind')).map((row) => [
      row['instance'],
      row['currency'],
      row['revenue'],
      row['wholesale'],
      row['margin'],
    ]);
    expect(books).toEqual([
      ['shop-eu', 'EUR', '120.37', '50.00', '70.37'],
      ['shop-lab', 'EUR', '99.99', '20.00', '79.99'],
      ['shop-us', 'USD', '310.05', '55.00', '255.05'],
    ]);
  }, 120_000);

  it('suspends one in the middle of the month: what it earns since is held, its siblings are the same to the cent', async () => {
    const suspended = await told.must(
      'instance suspend shop-eu --from 2026-11-10 --reason "invoice unpaid" --confirm shop-eu',
    );
    expect(suspended).toContain('suspended');
    for (const book of [told, control]) for (const line of SECOND_HALF) await book.must(line);

    expect(await siblings(told)).toEqual(await siblings(control));
    expect(await held(told)).toEqual({ commission: '18.48', held: '6.44', approved: '12.04', balance: '18.48' });
    expect(await held(control)).toEqual({ commission: '18.48', held: '0.00', approved: '18.48', balance: '18.48' });
    expect(await told.rows('subscription list --status active')).toHaveLength(3);
    expect(await told.must('tenant list -o id')).toBe('northwind\n');
    await told.must('doctor');
  }, 120_000);

  it('pays partners by platform: what is held waits, and nothing of a sibling waits with it', async () => {
    await told.must('payout generate --cutoff 2026-11-21');
    expect(await told.must('payout why-not acme')).toContain('shop-eu\t6.44\tEUR\t1\theld');
    await told.must('payout approve 1 --confirm 1 --actor checker');
    await told.must('payout submit 1 --confirm 1 --out register.csv');
    const paying = (await told.rows('payout list')).map((row) => [row['partner'], row['gross'], row['currency']]);
    // acme: 12.04 of Europe before its suspension and the lab's 12.50 and 1.25; zenith: 46.51, 11.67 and -1.51
    expect(paying).toEqual([
      ['zenith', '56.67', 'USD'],
      ['acme', '25.79', 'EUR'],
    ]);
  }, 120_000);

  it('releases it when it is resumed', async () => {
    await told.must('instance resume shop-eu --reason "invoice paid"');
    expect(await held(told)).toMatchObject({ commission: '18.48', held: '0.00', approved: '6.44' });
    await told.must('payout generate --cutoff 2026-11-21');
    const [rest] = await told.rows('payout list --run 2');
    expect(rest).toMatchObject({ partner: 'acme', gross: '6.44' });
    expect((await told.rows('instance history shop-eu')).map((row) => [row['what'], row['from']])).toEqual([
      ['founded', null],
      ['suspended', '2026-11-10'],
      ['resumed', '2026-11-21'],
    ]);
  }, 120_000);

  it('tells a partner its own platforms and nobody else’s, and the tenant all of them', async () => {
    const instances = async (line: string) => (await told.rows(line)).map((row) => row['instance']);
    expect(await instances('analytics partner acme')).toEqual(['shop-eu', 'shop-lab']);
    expect(await instances('analytics partner zenith')).toEqual(['shop-us']);
    expect(await instances('analytics tenant northwind')).toEqual(['shop-eu', 'shop-lab', 'shop-us']);
    expect(await told.rows('analytics tenant northwind --by currency')).toMatchObject([
      { instance: null, currency: 'EUR', revenue: '294.81', commission: '32.23' },
      { instance: null, currency: 'USD', revenue: '377.77', commission: '56.67' },
    ]);
    expect(await told.refused('analytics tenant northwind --in EUR')).toContain('fx_rate_missing');
  }, 120_000);

  it('hands one to another partner from a day on: old sales and their refunds stay where they were', async () => {
    expect(await control.refused('instance transfer shop-eu --to zenith --from 2026-11-12 --reason sold')).toContain(
      'decided_sales',
    );
    await control.must('instance transfer shop-eu --to zenith --from 2026-11-15 --reason "sold to zenith"');
    expect(await control.refused('approval approve 1 --yes')).toContain('four_eyes');
    await control.must('approval approve 1 --yes --actor checker');
    for (const line of [
      sale('shop-eu', 'EUR', '200.00', '2026-11-20', 'eu-3'),
      'revenue record --instance shop-eu --kind refund --net -64.44 --currency EUR --occurred-at 2026-11-20 --id eu-r --sale-ref S-eu-2 --sale-net 64.44',
      'job run accrue-commissions --for 2026-11-21',
    ]) {
      await control.must(line);
    }
    const wallets = (await control.rows('wallet list --instance shop-eu')).map((row) => [
      row['wallet'],
      row['balance'],
    ]);
    expect(wallets).toEqual([
      ['acme/shop-eu/EUR', '12.04'],
      ['zenith/shop-eu/EUR', '20.00'],
    ]);
    expect(await control.rows('instance list --partner zenith')).toMatchObject([
      { code: 'shop-eu', partner: 'zenith', founding_partner: 'acme' },
      { code: 'shop-us', partner: 'zenith', founding_partner: 'zenith' },
    ]);
    // Each partner's part of the same instance, by whose agreement the sale is dated in.
    const part = async (partner: string) =>
      (await control.rows(`analytics partner ${partner}`)).find((row) => row['instance'] === 'shop-eu');
    expect(await part('acme')).toMatchObject({ revenue: '120.37', commission: '12.04' });
    expect(await part('zenith')).toMatchObject({ revenue: '200.00', commission: '20.00' });
    // And both are paid, each for its own days.
    await control.must('payout generate --cutoff 2026-11-21');
    const drafted = await control.rows('payout list');
    expect(drafted.map((row) => `${row['partner']} ${row['gross']} ${row['currency']}`).sort()).toEqual([
      'acme 25.79 EUR',
      'zenith 20.00 EUR',
      'zenith 56.67 USD',
    ]);
    await control.must('doctor');
  }, 120_000);
});

/** Figures without the instants of their recording, which differ from book to book. */
function stripped(rows: Record<string, string | null>[]): Record<string, string | null>[] {
  return rows.map(({ last_updated: _, ...figures }) => figures);
}
