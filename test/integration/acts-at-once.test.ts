import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { askForLimit } from '../../src/services/approval/set-limit.ts';
import { askForCredit } from '../../src/services/wallet/move-wallet.ts';
import { showWallet } from '../../src/services/wallet/list-wallets.ts';
import { attack, openScene, repels, type BooksScene } from '../attacks.ts';
import {
  applyActs,
  decideRange,
  insertRequest,
  openBooks,
  ownChunk,
  postOwnActs,
  recordBatch,
  startRun,
  type Batch,
  type NewAct,
} from '../books.ts';
import { testDatabase } from '../database.ts';
import { expectCleanDoctor } from '../support/doctor.ts';

interface Scene extends BooksScene {
  /** Approved requests that nobody has done: a bonus, and a void of what billing reported. */
  readonly bonus: { readonly request: number; readonly acts: readonly NewAct[] };
  readonly voiding: { readonly request: number; readonly acts: readonly NewAct[] };
  readonly reported: Batch;
  /** A bonus of a committed transaction, which left it to the next night. */
  readonly left: Batch;
  /** Of a committed transaction, which posted it. */
  readonly posted: number;
}

let scene: Scene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins, database } = opened;
  const [instanceId, partnerId] = [books.instance['acme-uk']!, books.partner['acme']!];
  const checker = await database.as('checker');
  const asked = async (kind: string, acts: readonly NewAct[]) => {
    const request = await logins.operator.transaction(async (tx) => await insertRequest(tx, kind, acts));
    await checker.sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${request}`;
    return { request, acts };
  };
  const bonus = { kind: 'bonus', instance_id: instanceId, legs: [{ partner_id: partnerId, amount_minor: '500' }] };
  const first = await asked('bonus', [bonus]);
  const reported = await logins.operator.transaction(
    async (tx) => await recordBatch(tx, books.source, [{ externalId: 'sold', instanceId }]),
  );
  const posted = await logins.operator.transaction(async (tx) => {
    await postOwnActs(tx, await applyActs(tx, first.request, books.source, first.acts), first.acts);
    const [chunk] = await tx.sql<{ id: number }[]>`select min(id)::int as id from decision_chunks`;
    return chunk!.id;
  });
  const second = await asked('bonus', [bonus]);
  const left = await logins.operator.transaction(
    async (tx) => await applyActs(tx, second.request, books.source, second.acts),
  );
  const voids = [{ kind: 'void', instance_id: instanceId, currency: 'EUR', voids_id: reported.firstId }];
  scene = {
    ...opened,
    reported,
    left,
    posted,
    bonus: await asked('bonus', [bonus]),
    voiding: await asked('void', voids),
  };
});

const doing = async (tx: Connection, { request, acts }: Scene['bonus']) =>
  await applyActs(tx, request, scene.books.source, acts);

repels(
  () => scene,
  [
    attack('decides without a claim what billing reported', 'RV002', async (tx, { reported }) => {
      await decideRange(tx, await ownChunk(tx), reported, reported.lastId);
    }),
    attack('decides without a claim what another transaction recorded', 'RV002', async (tx, { left }) => {
      await decideRange(tx, await ownChunk(tx), left, left.lastId);
    }),
    attack('decides without a claim an act that regards another event', 'RV002', async (tx, { voiding }) => {
      const batch = await doing(tx, voiding);
      await decideRange(tx, await ownChunk(tx), batch, batch.lastId);
    }),
    attack('decides for itself and posts nothing', 'RV011', async (tx) => await ownChunk(tx)),
    attack('posts under no run what a run decided', 'RV002', async (tx) => {
      const run = await startRun(tx, { scope: 'attack' });
      await tx.sql`insert into decision_chunks (run_id, known_seq) values (${run.id}, ${run.knownSeq})`;
      await tx.sql`insert into postings (chunk_from, chunk_to) values (${-1_000_000}, ${-1_000_000})`;
    }),
    attack('posts a second time what posted itself', 'RV002', async (tx, { posted }) => {
      await tx.sql`insert into postings (chunk_from, chunk_to) values (${posted}, ${posted})`;
    }),
    attack('adds an entry to what posted itself', 'RV002', async (tx, { posted }) => {
      await tx.sql`insert into entries (event_id, chunk_id, leg, wallet_id, amount_minor, base_minor, full_minor, known_seq, posting_date, payable_on, kind)
        select event_id, chunk_id, 1, wallet_id, amount_minor, 0, amount_minor, known_seq, posting_date, payable_on, kind
        from entries where chunk_id = ${posted}`;
    }),
    attack('takes a range of such chunks into one posting', '23514', async (tx) => {
      const [low, high] = [await ownChunk(tx), await ownChunk(tx)].sort((a, b) => a - b);
      await tx.sql`insert into postings (chunk_from, chunk_to) values (${low!}, ${high!})`;
    }),
    attack('gives other than the act says', 'RV009', async (tx, { bonus }) => {
      const batch = await doing(tx, bonus);
      const more = bonus.acts.map((act) => ({
        ...act,
        legs: act.legs!.map((leg) => ({ ...leg, amount_minor: '501' })),
      }));
      await postOwnActs(tx, batch, more);
    }),
  ],
);

describe('any number of people', () => {
  const wallet = { partner: 'acme', instance: 'acme-uk', currency: 'EUR' };

  it('move a wallet at once, while a night is at work, and what they did is in the books when they are told', async () => {
    const database = await testDatabase();
    const maker = await database.context();
    await openBooks(maker.db);
    const limit = await askForLimit(maker, { of: 'request', currency: 'EUR', amount: '1000', reason: 'as agreed' });
    await approveRequest(await database.context({ actor: 'checker' }), { request: limit.id });
    await maker.db.transaction(async (tx) => await startRun(tx, {}));
    const clients = await Promise.all(Array.from({ length: 16 }, async () => await database.context()));
    const done = await Promise.all(
      clients.map(async (ctx) => await askForCredit(ctx, { wallet, amount: '1.25', reason: 'as agreed' })),
    );
    expect(done.map(({ status, undecided }) => ({ status, undecided }))).toEqual(
      Array.from({ length: 16 }, () => ({ status: 'done', undecided: 0 })),
    );
    expect(await showWallet(maker, wallet)).toMatchObject({ balance: '20.00' });
    await expectCleanDoctor(maker);
    await database.drop();
  });
});
