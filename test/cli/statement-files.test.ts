import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
