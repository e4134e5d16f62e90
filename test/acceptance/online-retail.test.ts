import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operator, type Operator } from './operator.ts';
import { openRetailBooks, RETAIL_INVOICES } from './retail-books.ts';

// Real invoices, and an answer that was calculated elsewhere (issue "The way in").
describe.skipIf(!existsSync(RETAIL_INVOICES))('half a year of real invoices', () => {
  let fiona: Operator;
  beforeAll(() => {
    fiona = operator();
  });
  afterAll(async () => await fiona.leave());

  it('earns what the separate calculation says, to the penny', () => {
    const map = openRetailBooks(fiona);
    const importing = ['revenue', 'import', RETAIL_INVOICES, '--map', map, '--create-accounts', '--json'];
    expect(JSON.parse(fiona.must(importing))).toMatchObject({ read: 13_581, new: 13_581, known: 0, rejected: 0 });
    fiona.must(['job', 'run', 'accrue-commissions', '--for', '2011-06-30']);
    expect(JSON.parse(fiona.must(['commission', 'summary', '--by', 'partner', '--json']))).toEqual(ANSWER);
    expect(JSON.parse(fiona.must(importing))).toMatchObject({ read: 13_581, new: 0, known: 13_581, rejected: 0 });

    // A rule over sales that are decided already would change the past in silence.
    expect(
      fiona.type(['rule', 'set', '--scope', 'instance=de', '--percentage', '13%', '--from', '2010-01-01']),
    ).toMatchObject({
      code: 3,
    });
    expect(fiona.must(['commission', 'explain', 'online-retail:536527/goods/12662'])).toContain('12.5%');
    fiona.must(['doctor']);
    // Nothing is left to decide, and deciding again changes nothing.
    fiona.must(['job', 'run', 'accrue-commissions', '--for', '2011-06-30']);
    expect(JSON.parse(fiona.must(['commission', 'summary', '--by', 'partner', '--json']))).toEqual(ANSWER);
  }, 240_000);
});

const ANSWER = [
  {
    partner: 'albion',
    currency: 'GBP',
    events: 11_993,
    positive: '384845.52',
    negative: '-16784.70',
    net: '368060.82',
  },
  { partner: 'atlas', currency: 'GBP', events: 379, positive: '23094.00', negative: '-507.45', net: '22586.55' },
  { partner: 'lumiere', currency: 'GBP', events: 525, positive: '18697.97', negative: '-100.53', net: '18597.44' },
  { partner: 'rhein', currency: 'GBP', events: 494, positive: '15774.44', negative: '-374.89', net: '15399.55' },
  { partner: 'shamrock', currency: 'GBP', events: 190, positive: '16727.38', negative: '-1819.64', net: '14907.74' },
];
