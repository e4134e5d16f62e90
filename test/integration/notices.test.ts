import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import type { Context } from '../../src/services/context.ts';
import { listNotices, showNotice } from '../../src/services/notice/list-notices.ts';
import { resendNotice, sendNotices, sendNoticesByNight } from '../../src/services/notice/send-notices.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { failPayouts, markUnclaimed, returnPayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { setSetting } from '../../src/services/settings/set-setting.ts';
import { attack, attackers, repels, type Logins } from '../attacks.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { earn } from '../support/earnings.ts';
import { FakeMail } from '../support/fake-mail.ts';

/** E-mail notices of payouts: written with the change, each sent once, whatever becomes of sender and server. */
let database: TestDatabase;
let books: Books;
let maker: Context;
let checker: Context;
let mail: FakeMail;
const page = { limit: 100, offset: 0 };

beforeAll(async () => {
  database = await testDatabase();
  books = await openBooks(await database.as('tester'));
  checker = await database.context({ actor: 'checker' });
  const operator = await database.context({ actor: 'maker' });
  await operator.db
    .sql`update partners set email = 'finance@acme.example', name = ${'Acme\r\nBcc: thief@evil.example'} where code = 'acme'`;
  await setSetting(operator, { key: 'notices', value: 'on', from: '2026-01-01' });
  maker = operator;
});
beforeEach(async () => {
  mail = await FakeMail.start();
  maker = { ...maker, mail: mail.source };
});
afterEach(async () => await mail.stop());
afterAll(async () => await database.drop());

/** Acme's payout is submitted, and zenith's, who has no address; the number and the notice of acme's. */
async function submitted(): Promise<{ number: string; id: number }> {
  await earn(await database.as('tester'), books, [
    { instance: 'acme-uk', amount: 6000 },
    { instance: 'zenith-de', amount: 2500 },
  ]);
  const { run, payouts } = await generatePayouts(maker);
  await approveRun(checker, { run: run! });
  await submitPayouts(maker, { run: run! });
  const number = payouts.find(({ partner }) => partner === 'acme')!.number;
  const [notice] = await listNotices(maker, { partner: 'acme' }, page);
  return { number, id: notice!.id };
}
const statusOf = async (id: number) => (await showNotice(maker, id)).status;
/** Time passes for the attempts at a notice, which only a superuser can say. */
const later = async (id: number, interval: string) =>
  await database
    .admin()
    .sql.unsafe(
      `begin; set local session_replication_role = replica;
       update notice_outcomes set recorded_at = recorded_at - interval '${interval}' where attempt_id in (select id from notice_attempts where notice_id = ${id});
       update notice_attempts set recorded_at = recorded_at - interval '${interval}' where notice_id = ${id}; commit`,
    )
    .simple();

describe('notices', () => {
  it('tell of a payout that was sent, by one mail that holds no line of anybody else', async () => {
    const { number, id } = await submitted();
    expect(await listNotices(maker, {}, page)).toHaveLength(1);
    const dry = { ...(await database.context({ actor: 'maker', dryRun: true })), mail: mail.source };
    expect(await sendNotices(dry)).toMatchObject([{ id, status: 'pending' }]);
    expect(await sendNotices(maker)).toMatchObject([
      { id, kind: 'sent', status: 'sent', recipient: 'finance@acme.example' },
    ]);
    expect(await sendNotices(maker)).toEqual([]);
    expect(mail.taken).toHaveLength(1);
    const [head, body] = mail.taken[0]!.split('\r\n\r\n');
    expect(head).toContain(`Subject: Payout ${number} of 60.00 EUR is on its way`);
    expect(head).toContain(`Message-ID: <${(await showNotice(maker, id)).key}@notices.revshare>`);
    expect(mail.taken[0]).not.toMatch(/^Bcc:/m);
    expect(body).toContain('Acme Bcc: thief@evil.example,');
    await expect(resendNotice(maker, id)).rejects.toMatchObject({ code: 'notice' });
  });

  it('tell of what failed, came back and waits, and of a change that is rolled back nothing', async () => {
    const before = (await listNotices(maker, {}, page)).length;
    const [first, second] = [await submitted(), await submitted()];
    const dry = await database.context({ actor: 'maker', dryRun: true });
    await failPayouts(dry, { payouts: { numbers: [first.number] }, reason: 'account closed' });
    expect(await listNotices(maker, {}, page)).toHaveLength(before + 2);
    await failPayouts(maker, { payouts: { numbers: [first.number] }, reason: 'account closed' });
    await markUnclaimed(maker, { payouts: { numbers: [second.number] }, reason: 'no account there' });
    await returnPayouts(maker, { payouts: { numbers: [second.number] }, reason: 'not claimed' });
    const sent = await sendNotices(maker);
    expect(sent.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'failed', 'unclaimed', 'returned']);
    expect(mail.taken).toHaveLength(5);
  });

  it('are sent once though two send at once', async () => {
    const { id } = await submitted();
    const other = { ...(await database.context({ actor: 'checker' })), mail: mail.source };
    const [one, two] = await Promise.all([sendNotices(maker), sendNotices(other)]);
    expect([...one, ...two].map((row) => row.id)).toEqual([id]);
    expect(mail.taken).toHaveLength(1);
  });

  it('are not sent again when their sender died after the claim, until a person asks', async () => {
    const { id } = await submitted();
    await maker.db.sql`insert into notice_attempts (notice_id) values (${id})`;
    expect(await statusOf(id)).toBe('sending');
    expect(await sendNotices(maker)).toEqual([]);
    await expect(resendNotice(maker, id)).rejects.toMatchObject({ code: 'notice' });
    await later(id, '16 minutes');
    expect(await statusOf(id)).toBe('unknown');
    expect(await sendNotices(maker)).toEqual([]);
    expect(mail.taken).toEqual([]);
    expect(await resendNotice(maker, id)).toMatchObject({ status: 'sent', attempts: 2 });
    expect(mail.taken).toHaveLength(1);
  });

  it('are unknown when the line is cut before an answer', async () => {
    const { id } = await submitted();
    mail.fates = ['cut'];
    expect(await sendNotices(maker)).toMatchObject([{ id, status: 'unknown' }]);
    expect(await sendNotices(maker)).toEqual([]);
    expect(mail.taken).toHaveLength(1);
  });

  it('are tried again when the server deferred them, after a quarter of an hour', async () => {
    const { id } = await submitted();
    mail.fates = [451];
    expect(await sendNotices(maker)).toMatchObject([{ id, status: 'deferred', message: '451 said so' }]);
    expect(await sendNotices(maker)).toEqual([]);
    await later(id, '16 minutes');
    expect(await sendNotices(maker)).toMatchObject([{ id, status: 'sent', attempts: 2 }]);
    expect(mail.taken).toHaveLength(1);
  });

  it('are refused for good where the server says so, and the job tells', async () => {
    const { id } = await submitted();
    mail.fates = [550];
    const { summary, failures } = await maker.batch(
      async (unit) => await sendNoticesByNight({ ctx: maker, unit: async (work) => await unit(work) }),
    );
    expect(summary).toMatchObject({ due: 1, sent: 0 });
    expect(failures).toEqual([
      expect.stringMatching(new RegExp(`^notice ${id} of P\\d+A, sent: refused, 550 said so$`)),
    ]);
    await later(id, '1 day');
    expect(await sendNotices(maker)).toEqual([]);
  });

  it('wait, and cost no attempt, while the server is away or not named', async () => {
    const { id } = await submitted();
    const away = { ...maker, mail: { ...mail.source, url: 'smtp://127.0.0.1:1' } };
    await expect(sendNotices(away)).rejects.toMatchObject({ code: 'mail_unreachable' });
    const unnamed = { ...maker, mail: { url: null, from: null } };
    await expect(sendNotices(unnamed)).rejects.toMatchObject({ code: 'mail_not_configured' });
    expect(await showNotice(maker, id)).toMatchObject({ status: 'pending', attempts: 0 });
    expect(await sendNotices(maker)).toHaveLength(1);
  });

  it('are not written where the programme does not want them', async () => {
    await setSetting(maker, { key: 'notices', value: 'off', from: '2026-01-01' });
    const before = (await listNotices(maker, {}, page)).length;
    await submitted();
    expect(await listNotices(maker, {}, page)).toHaveLength(before);
    await setSetting(maker, { key: 'notices', value: 'on', from: '2026-01-01' });
  });
});

describe('attacks on notices', () => {
  let scene: { readonly logins: Logins; readonly waiting: number };
  beforeAll(async () => {
    mail = await FakeMail.start();
    maker = { ...maker, mail: mail.source };
    await submitted();
    await sendNotices(maker);
    const { id } = await submitted();
    await mail.stop();
    scene = { logins: await attackers(database), waiting: id };
  });
  const says =
    (statement: string | ((waiting: number) => string)) =>
    async (tx: Connection, { waiting }: { readonly waiting: number }) =>
      await tx.sql.unsafe(typeof statement === 'string' ? statement : statement(waiting));
  const SENT = `(select max(id) from main.notice_standings where status = 'sent')`;
  const attempt = (notice: number | string) => `insert into main.notice_attempts (notice_id) values (${notice});`;

  repels(
    () => scene,
    [
      attack(
        'a notice of a change that was long ago',
        ['42501', 'RV039'],
        says(`insert into main.notices (change_id) select id from main.payout_status_changes where status = 'completed' or
          id not in (select change_id from main.notices) limit 1`),
      ),
      attack('what was sent is sent again', 'RV039', says(attempt(SENT))),
      attack(
        'what was sent is sent again because somebody asks',
        'RV039',
        says(`insert into main.notice_attempts (notice_id, asked) values (${SENT}, true)`),
      ),
      attack(
        'two attempts at once',
        'RV039',
        says((waiting) => attempt(waiting) + attempt(waiting)),
      ),
      attack(
        'what may have arrived is sent again by itself',
        'RV039',
        says(
          (waiting) =>
            `${attempt(waiting)} insert into main.notice_outcomes (attempt_id, outcome, message) select max(id), 'unknown', 'cut' from main.notice_attempts; ${attempt(waiting)}`,
        ),
      ),
      attack(
        'an attempt has two outcomes',
        '23505',
        says(
          `insert into main.notice_outcomes (attempt_id, outcome) select attempt_id, 'sent' from main.notice_standings where status = 'sent' limit 1`,
        ),
      ),
      attack(
        'an outcome is changed',
        ['42501', 'RV001'],
        says(`update main.notice_outcomes set outcome = 'deferred', message = 'x'`),
      ),
      attack('an attempt is forgotten', ['42501', 'RV001'], says(`delete from main.notice_attempts`)),
      attack('a notice is forgotten', ['42501', 'RV001'], says(`delete from main.notices`)),
      attack(
        'a setting of notices that is neither',
        '23514',
        says(`insert into main.settings (name, value, valid, known_seq)
          values ('notices', '2', daterange('2020-01-01', '2020-02-01'), (select main.draw_known_seq('x')))`),
      ),
    ],
  );
});
