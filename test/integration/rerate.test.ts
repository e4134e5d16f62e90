import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { parseScope } from '../../src/domain/rule-scope.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import type { Request } from '../../src/services/approval/list-requests.ts';
import { explainCommission } from '../../src/services/commission/explain-commission.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { importFxRates } from '../../src/services/fx/import-fx-rates.ts';
import { replayPeriod } from '../../src/services/history/replay-period.ts';
import { recordRevenue, type RecordRequest } from '../../src/services/revenue/record-revenue.ts';
import { askForVoid } from '../../src/services/revenue/void-revenue.ts';
import { askToEndRule } from '../../src/services/rule/end-rule.ts';
import { askToSetRule, setRule, type NewRule } from '../../src/services/rule/set-rule.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { makeParties } from './parties.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Versions that touch decided sales (SEMANTICS §3): asked for, approved, and the differences posted. */
let database: TestDatabase;
let maker: OpenedContext;
let checker: OpenedContext;

beforeEach(async () => {
  database = await testDatabase();
  maker = await database.context();
  checker = await database.context({ actor: 'checker' });
  await makeParties(maker);
  await say('programme', { percentage: '10%' });
});
afterEach(async () => {
  await database.drop();
});

const TODAY = '2026-11-21';
type Terms = Omit<NewRule, 'scope'>;
const say = async (scope: string, terms: Terms) =>
  await setRule(maker, { scope: parseScope(scope), from: '2026-01-01', ...terms });
const ask = async (scope: string, terms: Terms) =>
  await askToSetRule(maker, { scope: parseScope(scope), from: '2026-01-01', reason: 'as agreed', ...terms });
const approve = async ({ id }: Request) => await approveRequest(checker, { request: id });
const moved = ({ effect }: Request) => effect.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');

async function record(id: string, kind: string, net: string, day: string, more: RecordRequest['fields'] = {}) {
  const fields = { external_id: id, kind, instance: 'acme-shop', net, currency: 'EUR', occurred_at: day, ...more };
  await recordRevenue(maker, { createAccount: true, fields });
}
const invoice = (ref: string, net: string) => ({ sale_ref: ref, sale_net: net });

/** Asks, approves and decides; what was shown is what was posted, and the books agree with themselves. */
async function rerate(asked: Promise<Request>): Promise<string> {
  const request = await asked;
  expect(request).toMatchObject({ kind: 'rerate', status: 'pending' });
  expect(await approve(request)).toMatchObject({ status: 'done' });
  await accrue(checker, TODAY);
  const [row] = await maker.db.sql<{ moved: string | null }[]>`
    select string_agg(amount || ' ' || currency, ', ' order by currency) as moved from (
      select round(sum(n.amount_minor) / 100.0, 2) as amount, w.currency from entries n
      join revenue_events e on e.id = n.event_id join event_batches b on b.id = e.batch_id join ledger_accounts w on w.id = n.wallet_id
      where b.request_id = ${request.id} group by 2 having sum(n.amount_minor) <> 0) x`;
  expect(row?.moved ?? '').toBe(moved(request));
  await clean();
  return moved(request);
}

async function clean(): Promise<void> {
  const { checks } = await runDoctor(maker);
  expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
  expect(await replayPeriod(maker, { from: '2026-01-01', to: '2027-01-01' })).toMatchObject({ differing: 0 });
  const events = await maker.db.sql<{ id: string }[]>`select distinct event_id as id from entries`;
  for (const { id } of events) await explainCommission(maker, id);
}

/** What each event posted, in minor units, with the reason. */
async function posted(): Promise<Record<string, string>> {
  const rows = await maker.db.sql<{ event: string; amount: string; reason: string | null }[]>`
    select e.external_id as event, n.amount_minor as amount, n.reason from entries n join revenue_events e on e.id = n.event_id order by e.id, n.leg`;
  return Object.fromEntries(
    rows.map(({ event, amount, reason }) => [event, reason === null ? amount : `${amount} ${reason}`]),
  );
}

describe('a version for decided sales', () => {
  test('posts the difference of each, and later events follow it', async () => {
    await record('own', 'payment', '100.00', '2026-10-01');
    await record('half', 'payment', '50.00', '2026-10-02', invoice('S', '100.00'));
    await record('credit', 'credit_note', '-10.00', '2026-10-03');
    await record('other', 'payment', '30.00', '2026-10-04', { instance: 'blog-shop' });
    await accrue(maker, '2026-10-31');
    expect(await rerate(ask('partner=acme', { percentage: '12.5%', from: '2026-10-01' }))).toBe('3.50 EUR');
    await record('rest', 'payment', '50.00', '2026-11-01', invoice('S', '100.00'));
    await record('back', 'refund', '-100.00', '2026-11-02', invoice('S', '100.00'));
    await accrue(maker, TODAY);
    expect(await posted()).toEqual({
      own: '1000', half: '500', credit: '-100 unlinked_credit', other: '300',
      'request-1': '250', 'request-1-2': '125', 'request-1-3': '-25',
      rest: '625', back: '-1250',
    }); // prettier-ignore
    await clean();
    expect(await rerate(ask('partner=acme', { percentage: '8%', from: '2026-10-01' }))).toBe('-4.05 EUR');
    expect((await explainCommission(maker, 'own')).since).toMatchObject([{ kind: 'rerate' }, { kind: 'rerate' }]);
  });

  test('is refused as nothing where it says what is said, and where nothing is decided', async () => {
    await record('own', 'payment', '100.00', '2026-10-01');
    await accrue(maker, '2026-10-31');
    await expect(ask('programme', { percentage: '10%' })).rejects.toMatchObject({ code: 'rule_unchanged' });
    await expect(ask('programme', { percentage: '11%', from: '2026-10-02' })).rejects.toMatchObject({
      code: 'nothing_decided',
      hint: 'leave --retroactive out: it needs no second person',
    });
    await expect(ask('programme', { percentage: '11%', product: 'unheard-of' })).rejects.toMatchObject({
      code: 'nothing_decided',
    });
  });

  test('may end a rule: a wider one decides, or none', async () => {
    await say('partner=acme', { percentage: '20%' });
    await record('own', 'payment', '100.00', '2026-10-01');
    await accrue(maker, '2026-10-31');
    const end = async (scope: string) =>
      await askToEndRule(maker, { scope: parseScope(scope), on: '2026-10-01', reason: 'as agreed' });
    expect(await rerate(end('partner=acme'))).toBe('-10.00 EUR');
    expect(await rerate(end('programme'))).toBe('-10.00 EUR');
    expect(await posted()).toEqual({ own: '2000', 'request-1': '-1000', 'request-2': '-1000 no_rule' });
  });

  test('may exclude, and what is excluded says so ever after', async () => {
    await record('half', 'payment', '50.00', '2026-10-02', invoice('S', '100.00'));
    await accrue(maker, '2026-10-31');
    expect(await rerate(ask('partner=acme', { exclude: true }))).toBe('-5.00 EUR');
    await record('rest', 'payment', '50.00', '2026-11-01', invoice('S', '100.00'));
    await accrue(maker, TODAY);
    expect(await posted()).toEqual({ half: '500', 'request-1': '-500 excluded', rest: '0 excluded' });
    await clean();
  });
});

describe('what rating reads besides the rule', () => {
  test('the territory is that of the event that decided the sale', async () => {
    const abroad = { ...invoice('S', '100.00'), country: 'AT' };
    await record('abroad', 'payment', '100.00', '2026-10-01', abroad);
    await record('nowhere', 'payment', '100.00', '2026-10-02');
    await accrue(maker, '2026-10-31');
    expect(await rerate(ask('partner=acme', { percentage: '15%', territory: ['AT', 'DE'] }))).toBe('-5.00 EUR');
    expect(await posted()).toMatchObject({ 'request-1': '500', 'request-1-2': '-1000 territory' });
  });

  test('windows of tiers and caps: into them, from one kind to the other, and out again', async () => {
    for (const [id, net, day] of [['a', '300.00', '2026-09-10'], ['b', '200.00', '2026-09-20'], ['c', '150.00', '2026-10-05']] as const) {
      await record(id, 'payment', net, day, id === 'b' ? invoice('B', net) : {});
    } // prettier-ignore
    await accrue(maker, '2026-10-31');
    const tiers = { tiered: '0:4%,200:6%,400:8%', brackets: 'marginal', currency: 'EUR' } as const;
    expect(await rerate(ask('partner=acme', { ...tiers, window: 'month' }))).toBe('-31.00 EUR');
    await record('back', 'refund', '-50.00', '2026-11-01', invoice('B', '200.00'));
    await accrue(maker, TODAY);
    await clean();
    expect(await rerate(ask('partner=acme', { ...tiers, window: 'quarter' }))).toBe('');
    const capped = { percentage: '10%', capWindow: '30.00', window: 'quarter', currency: 'EUR' } as const;
    await rerate(ask('partner=acme', capped));
    await rerate(ask('partner=acme', { percentage: '10%' }));
    const [row] = await maker.db.sql<{ sum: string }[]>`select sum(amount_minor) as sum from entries`;
    expect(row?.sum).toBe('6000');
    const stands = await maker.db.sql`
      select distinct on (rule_id, owner_id, currency, starts_on) base_after_minor::int as base, full_after_minor::int as "full"
      from window_moves order by rule_id, owner_id, currency, starts_on, ordinal desc`;
    expect(stands.every(({ base, full }) => base === 0 && full === 0)).toBe(true);
  });

  test('an account keeps the clock it was won with', async () => {
    const at = { account: 'C-1' };
    await record('first', 'payment', '100.00', '2026-01-31', at);
    await record('later', 'payment', '100.00', '2026-06-30', at);
    await accrue(maker, '2026-10-31');
    expect(await rerate(ask('partner=acme', { percentage: '20%', earningMonths: 3 }))).toBe('20.00 EUR');
    await record('after', 'payment', '100.00', '2026-11-01', at);
    await accrue(maker, TODAY);
    expect((await posted())['after']).toBe('2000');
    await clean();
  });

  test('a share that was converted goes to nothing in the currency it posted, and to no third one', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rerate-'));
    const file = join(directory, 'rates.csv');
    writeFileSync(file, 'date,base,quote,rate,source\n2026-10-01,EUR,USD,1.25,books\n2026-10-01,EUR,GBP,0.8,books\n');
    await importFxRates(maker, { file, label: 'rates.csv', correct: false });
    rmSync(directory, { recursive: true });
    await say('partner=acme', { percentage: '20%', paysIn: 'USD' });
    await record('whole', 'payment', '100.00', '2026-10-01', invoice('S', '100.00'));
    await accrue(maker, '2026-10-31');
    await expect(ask('partner=acme', { percentage: '20%' })).rejects.toMatchObject({ code: 'rerate_currency' });
    await expect(ask('partner=acme', { percentage: '20%', paysIn: 'GBP' })).rejects.toMatchObject({
      code: 'rerate_currency',
    });
    expect(await rerate(ask('partner=acme', { percentage: '0%' }))).toBe('-25.00 USD');
    await record('back', 'refund', '-100.00', '2026-11-01', invoice('S', '100.00'));
    await accrue(maker, TODAY);
    expect(await posted()).toEqual({ whole: '2500', 'request-3': '-2500 zero_rate', back: '0 zero_rate' });
    await clean();
    await rerate(ask('partner=acme', { percentage: '10%', paysIn: 'USD' }));
  });
});

describe('between asking and approving', () => {
  beforeEach(async () => {
    await record('own', 'payment', '100.00', '2026-10-01');
    await accrue(maker, '2026-10-31');
  });

  test('another decided sale, a void and another rule make it another question', async () => {
    const asked = await ask('programme', { percentage: '12%' });
    await record('next', 'payment', '100.00', '2026-11-01');
    await accrue(maker, TODAY);
    await expect(approve(asked)).rejects.toMatchObject({
      code: 'effect_changed',
      message: 'the rules would touch 2 decided sales by now, and not the 1 that were asked about',
    });
    const again = await ask('programme', { percentage: '12%' });
    await approve(await askForVoid(maker, { events: ['next'] }, 'typed twice'));
    await expect(approve(again)).rejects.toMatchObject({ code: 'effect_changed' });
    const third = await ask('programme', { percentage: '12%' });
    await approve(await ask('programme', { percentage: '11%' }));
    await accrue(checker, TODAY);
    await expect(approve(third)).rejects.toMatchObject({ code: 'effect_changed' });
    await clean();
  });

  test('who asked cannot approve, whatever one person may do alone', async () => {
    const asked = await ask('programme', { percentage: '12%' });
    await expect(approveRequest(maker, { request: asked.id })).rejects.toMatchObject({ code: 'four_eyes' });
    expect(await posted()).toEqual({ own: '1000' });
  });

  test('no accrual may decide by the old rules meanwhile', async () => {
    const admin = database.admin();
    const asked = await ask('programme', { percentage: '12%' });
    await admin.sql`insert into job_runs (job, business_date, attempt, status, known_seq, lease_until, worker)
      select 'accrue-commissions', '2026-11-30', 1, 'running', max(known_seq), now() + interval '1 minute', 'test' from known_changes`;
    await expect(approve(asked)).rejects.toMatchObject({ code: 'accrual_running' });
    await admin.sql`update job_runs set status = 'lost', finished_at = now() where status = 'running'`;
    expect(await approve(asked)).toMatchObject({ status: 'done' });
  });
});

test('what is void blocks no rule, and is rated no more', async () => {
  await record('far', 'payment', '100.00', '2026-12-30');
  await record('of-sale', 'payment', '100.00', '2026-12-30', invoice('S', '100.00'));
  await accrue(maker, '2026-12-31');
  await expect(say('programme', { percentage: '12%', from: '2026-12-01' })).rejects.toMatchObject({
    code: 'decided_sales',
  });
  await approve(await askForVoid(maker, { events: ['far'] }, 'the wrong year'));
  await approve(await askForVoid(maker, { events: ['of-sale'] }, 'the wrong year'));
  await expect(ask('programme', { percentage: '11%', from: '2026-12-01' })).rejects.toMatchObject({
    code: 'nothing_decided',
  });
  expect(await say('programme', { percentage: '12%', from: '2026-12-01' })).toMatchObject({ changed: true });
});
