import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import {
  decideRange,
  insertEntry,
  ledgerAccount,
  openChunk,
  postChunks,
  recordBatch,
  startRun,
  type Batch,
} from '../books.ts';
import { testDatabase } from '../database.ts';
import { GOLDEN_BRACKETS, insertTerms } from '../support/rating-books.ts';

interface RatingScene extends BooksScene {
  /** Two payments of account C1 at acme-uk that nobody has decided. */
  readonly open: Batch;
  readonly wallet: number;
  readonly account: number;
  readonly partner: number;
  /** Marginal brackets by the month and partner. */
  readonly tiered: { readonly version: number; readonly rule: number };
  /** 10 % for twelve months. */
  readonly months: { readonly version: number; readonly rule: number };
}

let scene: RatingScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins } = opened;
  const account = books.account['acme-uk/C1']!;
  const instanceId = books.instance['acme-uk']!;
  const partner = books.partner['acme']!;
  scene = await logins.operator.transaction(async (tx) => {
    const ruleOf = async (version: number) => {
      const [row] = await tx.sql<
        { rule: number }[]
      >`select rule_id::int as rule from rule_versions where id = ${version}`;
      return { version, rule: row!.rule };
    };
    const at = { scope: 'partner', scopeId: partner } as const;
    const tiered = await insertTerms(tx, { ...at, says: { ...GOLDEN_BRACKETS, bracket_mode: 'marginal' } });
    const months = await insertTerms(tx, {
      scope: 'account',
      scopeId: account,
      says: { kind: 'percentage', rate_ppm: 100_000, earning_months: 12 },
    });
    const open = await recordBatch(tx, books.source, [
      { externalId: 'a', instanceId, accountId: account },
      { externalId: 'b', instanceId, accountId: account },
    ]);
    const wallet = await ledgerAccount(tx, { instanceId, partnerId: partner });
    return { ...opened, open, wallet, account, partner, tiered: await ruleOf(tiered), months: await ruleOf(months) };
  });
});
afterAll(async () => await scene.database.drop());

interface Own {
  readonly run: { readonly id: number; readonly knownSeq: number };
  readonly chunk: number;
}

/** A chunk of the attacker's own that has decided both events by a rule version. */
async function decide(tx: Connection, s: RatingScene, ruleVersion: number): Promise<Own> {
  const run = await startRun(tx);
  const chunk = await openChunk(tx, run);
  await decideRange(tx, chunk, s.open, s.open.lastId);
  for (const eventId of [s.open.firstId, s.open.lastId]) {
    const entry = {
      eventId,
      chunkId: chunk,
      knownSeq: run.knownSeq,
      walletId: s.wallet,
      amountMinor: 1000,
      ruleVersion,
    };
    await insertEntry(tx, entry);
  }
  return { run, chunk };
}

interface Move {
  readonly rule?: number;
  readonly event?: number;
  readonly ordinal?: number;
  readonly base?: number;
  readonly baseAfter?: number;
  readonly fullAfter?: number;
  readonly currency?: string;
}

/** The honest first move of October but for what is told. */
async function move(tx: Connection, s: RatingScene, chunk: number, told: Move = {}): Promise<void> {
  const { rule = s.tiered.rule, event = s.open.firstId, ordinal = 1, base = 10_000 } = told;
  await tx.sql`
    insert into window_moves (rule_id, owner_id, currency, starts_on, ordinal, event_id, leg, base_minor, full_minor, base_after_minor, full_after_minor, chunk_id)
    values (${rule}, ${s.partner}, ${told.currency ?? 'EUR'}, '2026-10-01', ${ordinal}, ${event}, 0, ${base}, 1000,
      ${told.baseAfter ?? base}, ${told.fullAfter ?? 1000}, ${chunk})`;
}

const moving = (told: Move) => async (tx: Connection, s: RatingScene) =>
  await move(tx, s, (await decide(tx, s, s.tiered.version)).chunk, told);

interface Terms {
  readonly event?: number;
  readonly account?: number;
  readonly version?: number | null;
  readonly on?: string;
  readonly months?: number | null;
  readonly chunk?: number | null;
}

/** The honest clock of account C1 but for what is told. */
async function start(tx: Connection, s: RatingScene, chunk: number, told: Terms = {}): Promise<void> {
  const { event = s.open.firstId, account = s.account, on = '2026-10-01', months = 12 } = told;
  await tx.sql`
    insert into account_terms (account_id, event_id, rule_version_id, chunk_id, first_sale_on, first_sale_only, earning_months)
    values (${account}, ${event}, ${told.version === undefined ? s.months.version : told.version},
      ${told.chunk === undefined ? chunk : told.chunk}, ${on}, false, ${months})`;
}

const starting = (told: Terms) => async (tx: Connection, s: RatingScene) =>
  await start(tx, s, (await decide(tx, s, s.months.version)).chunk, told);

it('lets honest moves and clocks through', async () => {
  for (const db of [scene.logins.operator, scene.logins.owner]) {
    expect(
      await refusal(db, async (tx) => {
        const { chunk } = await decide(tx, scene, scene.tiered.version);
        await move(tx, scene, chunk);
        await move(tx, scene, chunk, { event: scene.open.lastId, ordinal: 2, baseAfter: 20_000, fullAfter: 2000 });
      }),
    ).toBe('nothing');
    expect(await refusal(db, async (tx) => await starting({})(tx, scene))).toBe('nothing');
  }
});

describe('moves of windows', () => {
  repels(
    () => scene,
    [
      attack('skips a move', 'RV015', moving({ ordinal: 2 })),
      attack('says another sum than the moves make', 'RV015', moving({ baseAfter: 9_999 })),
      attack('says another full than the moves make', 'RV015', moving({ fullAfter: 999 })),
      attack('takes out more than is in', '23514', moving({ base: -1 })),
      attack('repeats a move', '23505', async (tx, s) => {
        const { chunk } = await decide(tx, s, s.tiered.version);
        await move(tx, s, chunk);
        await move(tx, s, chunk, { ordinal: 2, baseAfter: 20_000, fullAfter: 2000 });
      }),
      attack('continues a move that somebody has continued', '23505', async (tx, s) => {
        const { chunk } = await decide(tx, s, s.tiered.version);
        await move(tx, s, chunk);
        await move(tx, s, chunk, { event: s.open.lastId });
      }),
      attack('moves by an event without an entry', 'RV009', moving({ event: 777_777 })),
      attack('moves the window of another rule', 'RV009', async (tx, s) => {
        await moving({ rule: s.months.rule })(tx, s);
      }),
      attack('moves a window of another currency', 'RV009', moving({ currency: 'USD' })),
      attack('moves without a chunk', 'RV002', async (tx, s) => {
        await decide(tx, s, s.tiered.version);
        await move(tx, s, 777_777);
      }),
      attack('moves after the posting', 'RV011', async (tx, s) => {
        const { run, chunk } = await decide(tx, s, s.tiered.version);
        await postChunks(tx, run, chunk);
        await move(tx, s, chunk);
      }),
      attack('changes a move', ['42501', 'RV001'], ({ sql }) => sql`update window_moves set base_minor = 1`),
      attack('deletes a move', ['42501', 'RV001'], ({ sql }) => sql`delete from window_moves`),
    ],
  );
});

describe('clocks of accounts (SEMANTICS §3)', () => {
  repels(
    () => scene,
    [
      attack('starts a clock twice', '23505', async (tx, s) => {
        const { chunk } = await decide(tx, s, s.months.version);
        await start(tx, s, chunk);
        await start(tx, s, chunk, { event: s.open.lastId });
      }),
      attack('starts the clock of somebody else’s account', 'RV009', async (tx, s) => {
        await starting({ account: s.books.account['zenith-de/C1']! })(tx, s);
      }),
      attack('starts it on another day', 'RV009', starting({ on: '2026-11-01' })),
      attack('gives it other months than its rule says', 'RV009', starting({ months: 24 })),
      attack('gives it months that no rule says', 'RV009', starting({ version: null })),
      attack('starts it by a rule that did not decide the sale', 'RV009', async (tx, s) => {
        await starting({ version: s.tiered.version, months: null })(tx, s);
      }),
      attack('starts it by no event', 'RV009', starting({ event: 777_777 })),
      attack('starts it without a chunk', ['RV002', null], starting({ version: null, months: null, chunk: null })),
      attack('starts it in no chunk of its own', 'RV002', starting({ chunk: 777_777 })),
      attack('changes a clock', ['42501', 'RV001'], ({ sql }) => sql`update account_terms set earning_months = 1`),
      attack('deletes a clock', ['42501', 'RV001'], ({ sql }) => sql`delete from account_terms`),
    ],
  );

  it('freezes the accounts that were won before, without limits, once', async () => {
    expect(
      await refusal(scene.logins.operator, async (tx) => {
        await decide(tx, scene, scene.books.ruleVersion);
        const frozen = async () => (await tx.sql`select freeze_account_terms()::int as frozen`)[0];
        expect(await frozen()).toEqual({ frozen: 1 });
        expect(await frozen()).toEqual({ frozen: 0 });
        expect(await tx.sql`select account_id::int, event_id::int, earning_months, rule_version_id, created_by from account_terms`).toEqual([
          { account_id: scene.account, event_id: scene.open.firstId, earning_months: null, rule_version_id: null, created_by: 'tester' },
        ]); // prettier-ignore
      }),
    ).toBe('nothing');
  });
});
