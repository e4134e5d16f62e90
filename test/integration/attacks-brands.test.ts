import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, repels, type BooksScene } from '../attacks.ts';
import { testDatabase } from '../database.ts';

/** Lumen is a white-label partner with a brand; acme is a reseller. */
let scene: BooksScene;
beforeAll(async () => {
  scene = await openScene(await testDatabase());
  const { sql } = scene.logins.operator;
  await sql.unsafe(
    `insert into main.partners (code, name, type, status, currency) values ('lumen', 'Lumen', 'white_label', 'active', 'EUR')`,
  );
  await sql.unsafe(brand());
});
afterAll(async () => await scene.database.drop());

const PNG = `'\\x89504e470d0a1a0a00'::bytea`;

interface Said {
  readonly partner?: string;
  readonly colour?: string;
  readonly name?: string;
  readonly logo?: string;
  readonly type?: string;
}

function brand({ partner = 'lumen', colour = '#7a1f5c', name = 'Lumen', logo = PNG, type = `'image/png'` }: Said = {}) {
  return `insert into main.brands (partner_id, name, colour, logo, logo_type)
    values ((select id from main.partners where code = '${partner}'), '${name}', '${colour}', ${logo}, ${type})`;
}
const says =
  (line: string) =>
  async ({ sql }: Connection) =>
    await sql.unsafe(line);
const OVERRIDDEN = brand()
  .replace('(partner_id,', '(id, partner_id,')
  .replace('values (', 'overriding system value values (77, ');

describe('a brand is of a white-label partner, of a picture that is one, and stays as it was said', () => {
  repels(
    () => scene,
    [
      attack('a reseller has a brand', 'RV034', says(brand({ partner: 'acme' }))),
      attack('a colour that is none', '23514', says(brand({ colour: 'red' }))),
      attack('no name', '23514', says(brand({ name: '' }))),
      attack('a text in place of a picture', '23514', says(brand({ logo: `'<svg/>'::bytea` }))),
      attack('one picture called another', '23514', says(brand({ type: `'image/jpeg'` }))),
      attack('a picture of a kind nobody prints', '23514', says(brand({ type: `'image/gif'` }))),
      attack('a picture of no kind', '23514', says(brand({ type: 'null' }))),
      attack(
        'a picture that is too large',
        '23514',
        says(brand({ logo: `${PNG} || convert_to(repeat('x', 262144), 'UTF8')` })),
      ),
      attack('its place in the order is chosen', 'RV002', says(OVERRIDDEN)),
      attack('its colour changes', ['42501', 'RV001'], says(`update main.brands set colour = '#000000'`)),
      attack('it goes away', ['42501', 'RV001'], says(`delete from main.brands`)),
      attack(
        'a setting of customers that is neither',
        '23514',
        says(`insert into main.settings (name, value, valid, known_seq)
          values ('customer_names', '2', daterange('2026-01-01', null), (select main.draw_known_seq('x')))`),
      ),
    ],
  );

  it('leaves who said it and what in the audit trail, without the picture', async () => {
    const [told] = await scene.logins.operator.sql<{ key: string; after: Record<string, unknown> }[]>`
      select row_key as key, after from main.audit_log where table_name = 'brands'`;
    expect(told).toMatchObject({ key: 'lumen', after: { colour: '#7a1f5c', created_by: 'tester' } });
    expect(told!.after['logo_sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect(told!.after).not.toHaveProperty('logo');
  });
});
