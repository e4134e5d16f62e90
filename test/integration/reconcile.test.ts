import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { instrumentRows } from '../../src/db/queries/instruments.ts';
import { writeNacha } from '../../src/formats/payments/nacha-writer.ts';
import { addInstrument } from '../../src/services/instrument/add-instrument.ts';
import { verifyInstrument } from '../../src/services/instrument/change-instrument.ts';
import { openDetails } from '../../src/services/instrument/sealed-details.ts';
import { initKeys } from '../../src/services/keys/manage-keys.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { reconcilePayouts } from '../../src/services/payout/reconcile-payouts.ts';
import type { ReconciledReport } from '../../src/services/payout/reconciled-report.ts';
import { completePayouts } from '../../src/services/payout/settle-payouts.ts';
import { listPayouts, showPayout } from '../../src/services/payout/show-payout.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { earn, setSetting } from '../support/earnings.ts';
import {
  nachaReturnsOf,
  statementOf,
  statusReportOf,
  type StatementOptions,
  type TakenPayment,
} from '../support/fake-bank.ts';
import { nachaOrder, personInUs } from '../support/payment-orders.ts';

/** Now is 21 November 2026: the day on which all is submitted. Acme has 60.00 from two wallets, zenith 25.00. */
const DAY = '2026-11-21';
let database: TestDatabase;
let books: Books;
let maker: OpenedContext;
let directory: string;
let sent: TakenPayment[];

beforeEach(async () => {
  database = await testDatabase();
  maker = await database.context();
  const checker = await database.context({ actor: 'checker' });
  books = await openBooks(maker.db);
  await earn(maker.db, books, [
    { instance: 'acme-uk', amount: 4000 },
    { instance: 'acme-ie', amount: 2000 },
    { instance: 'zenith-de', amount: 2500 },
  ]);
  const { run, payouts } = await generatePayouts(maker);
  await approveRun(checker, { run: run! });
  await submitPayouts(maker, { run: run! });
  sent = payouts.map(({ number, sent: amount, name }) => ({ id: number, amount, name }));
  directory = mkdtempSync(join(tmpdir(), 'reconcile-'));
});
afterEach(async () => {
  await expectCleanDoctor(maker);
  for (const { difference } of (await trialBalance(maker)).differences) expect(Number(difference)).toBe(0);
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

const numberOf = (partner: string) => sent.find(({ name }) => name.toLowerCase().startsWith(partner))!.id;
const order = (payments: readonly TakenPayment[] = sent) => ({ message: 'ORDER-1', payments: [...payments] });
async function reconcile(text: string, ctx = maker): Promise<ReconciledReport> {
  const file = join(directory, 'report');
  writeFileSync(file, text);
  return await reconcilePayouts(ctx, { file, label: 'report' });
}
const statement = (options: StatementOptions = {}, payments = sent) =>
  statementOf(order(payments), { date: DAY, ...options });
const statuses = async () =>
  Object.fromEntries(
    (await listPayouts(maker, { limit: 20, offset: 0 })).map(({ partner, status }) => [partner, status]),
  );
const outcomes = ({ records }: ReconciledReport) => records.map(({ outcome, payout }) => `${outcome} ${payout}`);
const facts = async () =>
  (
    await maker.db.sql<{ records: number; reports: number; changes: number; transfers: number }[]>`
    select (select count(*)::int from bank_records) as records, (select count(*)::int from reconciliations) as reports,
      (select count(*)::int from payout_status_changes) as changes, (select count(*)::int from transfers) as transfers`
  )[0]!;

describe('reconciling a statement', () => {
  it('completes what was debited; the same file again changes nothing', async () => {
    const first = await reconcile(statement());
    expect(first).toMatchObject({
      outcomes: { matched: 2 },
      moved: { completed: 2 },
      differences: 0,
      inTransit: [],
      unchanged: false,
    });
    expect(await statuses()).toEqual({ acme: 'completed', zenith: 'completed' });
    const { story } = await showPayout(maker, numberOf('acme'));
    expect(story.at(-1)).toMatchObject({ status: 'completed', reference: `TX${numberOf('acme')}`, valueDate: DAY });

    const before = await facts();
    const again = await reconcile(statement());
    expect(again).toMatchObject({ outcomes: { known: 2 }, moved: {}, unchanged: true, differences: 0 });
    expect(await facts()).toEqual(before);
  });

  it.each(['details', 'sum'] as const)('and one booking of several payouts, told by its %s', async (booking) => {
    expect(await reconcile(statement({ booking }))).toMatchObject({ moved: { completed: 2 }, differences: 0 });
    expect(await facts()).toMatchObject({ records: 2, reports: 1 });
  });

  it('returns what came back with its code, and frees exactly its lines', async () => {
    const zenith = numberOf('zenith');
    const report = await reconcile(statement({ returns: { [zenith]: 'AC04' } }));
    expect(report).toMatchObject({ moved: { completed: 2, returned: 1 }, differences: 0 });
    expect(await statuses()).toEqual({ acme: 'completed', zenith: 'returned' });
    const released = await maker.db.sql<{ number: string; lines: number }[]>`
      select p.number, count(l.release_id)::int as lines from payouts p join payout_lines l on l.payout_id = p.id group by 1 order by 1`;
    expect([...released]).toEqual(sent.map(({ id }) => ({ number: id, lines: id === zenith ? 1 : 0 })));
    const [change] = await maker.db.sql<
      { reason: string }[]
    >`select reason from payout_status_changes where status = 'returned'`;
    expect(change!.reason).toBe('AC04');
    expect((await generatePayouts(maker)).payouts.map(({ partner, gross }) => [partner, gross])).toEqual([
      ['zenith', '25.00'],
    ]);
  });

  it('tells the return a day later in another file, by number', async () => {
    await reconcile(statement());
    const later = statementOf(order(), { date: DAY, returns: { [numberOf('acme')]: 'MD07' } });
    const report = await reconcile(later);
    expect(report).toMatchObject({ outcomes: { known: 2, matched: 1 }, moved: { returned: 1 } });
  });

  it('lists what differs and leaves it', async () => {
    const [acme, zenith] = [
      sent.find(({ id }) => id === numberOf('acme'))!,
      sent.find(({ id }) => id === numberOf('zenith'))!,
    ];
    const before = await facts();
    const report = await reconcile(
      statement({}, [
        { ...acme, amount: '59.99' },
        { ...zenith, id: 'P00000077A' },
      ]),
    );
    expect(outcomes(report)).toEqual([`amount_differs ${acme.id}`, 'missing_here null', `missing_there ${zenith.id}`]);
    expect(report).toMatchObject({ differences: 3, unchanged: true });
    expect(report.records[0]).toMatchObject({ amount: '59.99', note: 'the books have 60.00 EUR', becomes: null });
    expect(await facts()).toEqual(before);
  });

  it('does what it can of a file, all in one go, and a dry run does none of it', async () => {
    const [one] = sent;
    const dry = await database.context({ dryRun: true });
    const before = await facts();
    expect(await reconcile(statement({}, [one!]), dry)).toMatchObject({ moved: { completed: 1 }, differences: 1 });
    expect(await facts()).toEqual(before);
    expect(await reconcile(statement({}, [one!]))).toMatchObject({ moved: { completed: 1 }, differences: 1 });
  });

  it('takes a notification (camt.054) for the bookings it tells, and the statement behind it for the same ones', async () => {
    const acme = sent.filter(({ id }) => id === numberOf('acme'));
    // What a notification does not tell is not missing: it is of single bookings.
    const notified = await reconcile(statement({ name: 'camt.054' }, acme));
    expect(notified).toMatchObject({ outcomes: { matched: 1 }, moved: { completed: 1 }, differences: 0 });
    const day = await reconcile(statement());
    expect(outcomes(day).sort()).toEqual([`known ${numberOf('acme')}`, `matched ${numberOf('zenith')}`].sort());
    expect(day).toMatchObject({ moved: { completed: 1 }, differences: 0 });

    const before = await facts();
    const again = await reconcile(statement({ name: 'camt.054', booking: 'details' }));
    expect(again).toMatchObject({ outcomes: { known: 2 }, moved: {}, differences: 0 });
    expect(await reconcile(statement({ name: 'camt.054', booking: 'sum' }))).toMatchObject({
      moved: {},
      differences: 0,
    });
    expect(await facts()).toEqual(before);
    // Debited on another day, it was debited twice.
    const twice = await reconcile(statementOf(order(acme), { date: '2026-11-20', name: 'camt.054' }));
    expect(twice).toMatchObject({ outcomes: { duplicate: 1 }, moved: {}, differences: 1 });
    expect(await facts()).toEqual(before);
  });

  it('closes nothing by what is pending in the course of a day (camt.052), and by what is booked what that proves', async () => {
    const [booked, pending] = ['BOOK', 'PDNG'].map((status) =>
      statement({ name: 'camt.052' }).replaceAll('<Cd>BOOK</Cd>', `<Cd>${status}</Cd>`),
    );
    const before = await facts();
    const early = await reconcile(pending!);
    expect(early).toMatchObject({ outcomes: { skipped: 2 }, moved: {}, differences: 0 });
    expect(await facts()).toEqual(before);
    expect(await statuses()).toEqual({ acme: 'processing', zenith: 'processing' });
    expect(await reconcile(booked!)).toMatchObject({ moved: { completed: 2 }, differences: 0 });
    expect(await reconcile(statement())).toMatchObject({ outcomes: { known: 2 }, moved: {}, differences: 0 });
  });

  it('proves what a person completed before, and tells a second debit', async () => {
    await completePayouts(maker, { payouts: { numbers: sent.map(({ id }) => id) }, reference: 'by hand' });
    const report = await reconcile(statement());
    expect(report).toMatchObject({ outcomes: { matched: 2 }, moved: {}, differences: 0 });
    expect(await facts()).toMatchObject({ records: 2 });
    const twice = await reconcile(statement().replaceAll('<TxId>TX', '<TxId>OTHER'));
    expect(outcomes(twice)).toEqual(sent.map(({ id }) => `duplicate ${id}`));
  });

  it('reads the same fact from two commands at once, once', async () => {
    const other = await database.context({ actor: 'checker' });
    const reports = await Promise.all([reconcile(statement()), reconcile(statement(), other)]);
    expect(reports.map(({ unchanged }) => unchanged).sort()).toEqual([false, true]);
    expect(await facts()).toMatchObject({ records: 2, reports: 1 });
  });
});

describe('reconciling a status report', () => {
  it('fails what was refused, with its code, and only notes what was taken', async () => {
    const zenith = numberOf('zenith');
    const report = await reconcile(statusReportOf(order(), { refused: { [zenith]: 'AC01' } }));
    expect(report).toMatchObject({ outcomes: { accepted: 1, matched: 1 }, moved: { failed: 1 }, differences: 0 });
    expect(await statuses()).toEqual({ acme: 'processing', zenith: 'failed' });
    const [change] = await maker.db.sql<
      { reason: string }[]
    >`select reason from payout_status_changes where status = 'failed'`;
    expect(change!.reason).toBe('AC01 told by the bank');
  });
});

describe('reconciling a correction', () => {
  it('opens a change of the instrument that was paid, once, and leaves the money where it is', async () => {
    const [keyed, ben] = [maker, await database.context({ actor: 'checker' })].map((ctx) => ({
      ...ctx,
      keys: { text: null, file: join(directory, 'keys') },
    })) as [OpenedContext, OpenedContext];
    await initKeys(keyed);
    await setSetting(keyed.db, 'instrument_cooloff_days', 0);
    const details = { routing: '231380104', account: '987654321', holder_type: 'person' };
    await addInstrument(keyed, { partner: 'zenith', currency: 'USD', kind: 'aba', details });
    await verifyInstrument(ben, { partner: 'zenith', currency: 'USD', version: 1 });
    await earn(keyed.db, books, [{ instance: 'zenith-de', amount: 3000, currency: 'USD' }]);
    const { run, payouts } = await generatePayouts(keyed, { partner: 'zenith' });
    await approveRun(ben, { run: run! });
    await submitPayouts(keyed, { run: run! });
    const { number } = payouts[0]!;
    const sentFile = writeNacha({ ...nachaOrder, payments: [{ ...personInUs, number, amount: 3000n }] }).files[0]!
      .content;

    const notice = nachaReturnsOf(sentFile, { [number]: 'C03' }, '121042882   4711');
    const report = await reconcile(notice, keyed);
    expect(report).toMatchObject({
      outcomes: { correction: 1 },
      moved: {},
      opened: 1,
      unchanged: false,
      differences: 0,
    });
    expect(report.records[0]!.note).toMatch(
      /^opens zenith\/USD\/2, which a second person verifies; to be written: routing number 121042882/,
    );
    const [opened] = await instrumentRows(keyed.db, { partner: 'zenith', currency: 'USD', current: true }, 1, 0);
    expect(opened).toMatchObject({ version: 2, kind: 'aba', obstacle: 'instrument_unverified' });
    const [sealed] = await openDetails(keyed, keyed.db, [opened!.id]);
    expect(sealed!.details).toEqual({ ...details, routing: '121042882', account: '4711' });
    await expect(verifyInstrument(keyed, { partner: 'zenith', currency: 'USD', version: 2 })).rejects.toMatchObject({
      code: 'four_eyes',
    });

    expect(await reconcile(notice, keyed)).toMatchObject({ outcomes: { known: 1 }, opened: 0, unchanged: true });
    const another = nachaReturnsOf(sentFile, { [number]: 'C01' }, '4712');
    const late = await reconcile(another, keyed);
    expect(late).toMatchObject({ outcomes: { correction: 1 }, opened: 0, unchanged: true });
    expect(late.records[0]!.note).toContain('the instrument was changed since to zenith/USD/2');
    await expect(reconcile(another, { ...keyed, keys: { text: null, file: 'nowhere' } })).rejects.toMatchObject({
      exitCode: 4,
    });
  });

  it('only tells it of a payout that is paid by hand', async () => {
    const sentFile = writeNacha({ ...nachaOrder, payments: [{ ...personInUs, number: numberOf('zenith') }] }).files[0]!
      .content;
    const report = await reconcile(nachaReturnsOf(sentFile, { [numberOf('zenith')]: 'C01' }));
    expect(report).toMatchObject({ outcomes: { correction: 1 }, opened: 0, unchanged: true });
  });
});
