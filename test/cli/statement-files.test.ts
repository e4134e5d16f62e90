import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPdf } from '../support/pdf-pages.ts';
import { statementStage } from './statement-story.ts';

let stage: Awaited<ReturnType<typeof statementStage>>;
beforeAll(async () => {
  stage = await statementStage();
  for (const period of ['2026-09', '2026-10']) await typed(`statement generate --all --period ${period}`);
});
afterAll(async () => await stage.leave());

async function typed(line: string): Promise<void> {
  const { code, stderr } = await stage.type(line);
  expect(code, `${line}\n${stderr}`).toBe(0);
}
const file = (name: string) => readFileSync(join(stage.cwd, name), 'utf8');

describe('the files of a statement', () => {
  it('tell every entry between the opening and the closing, and add up', async () => {
    await typed('statement files --period 2026-10 --out .');
    const text = file('ST000002-acme-EUR.csv');
    expect(text)
      .toBe(`section,date,instance,account,product,reference,kind,rule,rate,base,base_currency,amount,currency,account_name,occurred_on
opening,2026-10-01,,,,,,,,,,20.00,EUR,,
earnings,2026-10-05,acme-shop,,,pay-2,earning,2,20%,250.00,EUR,50.00,EUR,,2026-10-05
earnings,2026-10-28,acme-attic,,,pay-3,earning,2,20%,80.40,EUR,16.08,EUR,,2026-10-28
reversals,2026-10-12,acme-shop,,,ref-1,refund,2,20%,-25.00,EUR,-5.00,EUR,,2026-10-12
closing,2026-10-31,,,,,,,,,,81.08,EUR,,
`);
    expect(file('ST000003-pixel-EUR.csv')).toContain('pay-4');
  });

  it('say the same as JSON, with all else that it tells', async () => {
    await typed('statement files 2 --out . --format json');
    const told = JSON.parse(file('ST000002-acme-EUR.json')) as Record<string, unknown>;
    expect(told).toMatchObject({
      ...{ number: 'ST000002', corrects: null, voided: false, currency: 'EUR' },
      totals: { opening: '20.00', entries: '61.08', closing: '81.08' },
      standing: [
        { status: 'payable', from: null, entries: 3, amount: '65.00' },
        { status: 'waiting', from: '2026-11-11', entries: 1, amount: '16.08' },
      ],
      details: { entries: 3 },
    });
    expect(told['lines']).toHaveLength(5);
  });

  it('are the same bytes again, whatever was posted since', async () => {
    await typed('statement files 2 --out .');
    const before = file('ST000002-acme-EUR.csv');
    await typed(
      'revenue record --instance acme-shop --kind payment --net 10.00 --currency EUR --occurred-at 2026-10-30 --id late-1',
    );
    await typed('job run accrue-commissions --for 2026-10-31');
    await typed('statement files 2 --out .');
    expect(file('ST000002-acme-EUR.csv')).toBe(before);
  });
});

describe('a printed statement', () => {
  it('bears the brand of the nearest white-label partner above, as it is now', async () => {
    await typed('partner create lumen-east --name "Lumen East" --type reseller --currency EUR --parent lumen');
    await typed('instance create east-shop --tenant northwind --partner lumen-east --name "East Shop"');
    await typed('account add east-shop/C-9 --name "Ada Byron Ltd"');
    await typed(
      'revenue record --instance east-shop --account C-9 --kind payment --net 90.00 --currency EUR --occurred-at 2026-11-02 --id east-1',
    );
    await typed('job run accrue-commissions --for 2026-11-20');
    const preview = 'statement preview --partner lumen-east --period 2026-11 --format pdf --out .';
    const author = async () => {
      await typed(preview);
      return (await readPdf(readFileSync(join(stage.cwd, 'DRAFT-lumen-east-EUR.pdf')))).author;
    };
    const unbranded = await author();
    await typed('brand set lumen --name "Lumen Group" --colour "#7a1f5c"');
    expect([unbranded === 'Lumen Group', await author()]).toEqual([false, 'Lumen Group']);
  });

  it('names customers where the programme lets partners know, and nowhere else', async () => {
    const preview = 'statement preview --partner lumen-east --period 2026-11 --out .';
    const told = () => file('DRAFT-lumen-east-EUR.csv');
    await typed(preview);
    expect(told()).toContain('east-shop,C-9,,east-1');
    expect(told()).not.toContain('Ada Byron');
    await typed('settings set customer_names shown --from 2026-01-01');
    await typed(preview);
    expect(told()).toContain('EUR,Ada Byron Ltd,2026-11-02');
    await typed(`${preview} --format pdf`);
    const { pages } = await readPdf(readFileSync(join(stage.cwd, 'DRAFT-lumen-east-EUR.pdf')));
    expect(pages.flat().join('\n')).toContain('C-9 Ada Byron Ltd');
    // What was issued before says what it said.
    await typed('statement files 2 --out .');
    expect(file('ST000002-acme-EUR.csv')).toMatch(/^earnings,2026-10-05,.*,EUR,,2026-10-05$/m);
  });

  it('is refused by name for letters that are not printed, and the others are printed', async () => {
    await typed('partner update pixel --name "ร้าน Pixel"');
    const some = await stage.type('statement preview --all --period 2026-11 --format pdf --out . -o json');
    expect(some.code).toBe(6);
    expect((JSON.parse(some.stdout) as { partner: string }[]).map(({ partner }) => partner)).toEqual([
      'acme',
      'lumen-east',
    ]);
    expect(some.stderr).toContain('"code":"statements_refused"');
    expect(some.stderr).toContain('the statement of pixel cannot be printed');
    const one = await stage.type('statement preview --partner pixel --period 2026-11 --format pdf --out .');
    expect(one.code).toBe(3);
    expect(one.stderr).toContain(
      `error[letter_missing]: the statement of pixel cannot be printed: no font here has 'ร' (U+0E23)`,
    );
    await typed('statement preview --partner pixel --period 2026-11 --out .');
  });
});
