import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ONLINE_RETAIL_MAP } from '../support/revenue.ts';
import { operator, type Operator } from './operator.ts';

const invoices = fileURLToPath(
  new URL('../../../shared/data/online-retail/invoices-2010-12_2011-06.csv', import.meta.url),
);

// Real invoices, and an answer that was calculated elsewhere (issue "The way in").
describe.skipIf(!existsSync(invoices))('half a year of real invoices', () => {
  let fiona: Operator;
  let desk: string;
  beforeAll(() => {
    fiona = operator();
    desk = mkdtempSync(join(tmpdir(), 'revshare-desk-'));
    writeFileSync(join(desk, 'map.toml'), ONLINE_RETAIL_MAP);
  });
  afterAll(async () => {
    await fiona.leave();
    rmSync(desk, { recursive: true, force: true });
  });

  it('earns what the separate calculation says, to the penny', () => {
    fiona.must(['init', '--currency', 'GBP']);
    fiona.must(['tenant', 'create', 'retail', '--name', 'Online Retail']);
    for (const partner of ['albion', 'shamrock', 'rhein', 'lumiere', 'atlas']) {
      fiona.must(['partner', 'create', partner, '--name', partner, '--type', 'reseller', '--currency', 'GBP']);
    }
    for (const [instance, partner] of Object.entries(INSTANCES)) {
      fiona.must(['instance', 'create', instance, '--tenant', 'retail', '--partner', partner, '--name', instance]);
    }
    const from = ['--from', '2010-01-01'];
    fiona.must(['rule', 'set', '--scope', 'programme', '--percentage', '10%', ...from]);
    fiona.must(['rule', 'set', '--scope', 'programme', '--product', 'postage', '--percentage', '0%', ...from]);
    fiona.must(['rule', 'set', '--scope', 'programme', '--product', 'adjustment', '--percentage', '0%', ...from]);
    fiona.must(['rule', 'set', '--scope', 'partner=shamrock', '--percentage', '15%', ...from]);
    fiona.must(['rule', 'set', '--scope', 'instance=de', '--percentage', '12.5%', ...from]);
    fiona.must(['rule', 'set', '--scope', 'instance=nl', '--product', 'goods', '--percentage', '7.25%', ...from]);

    const importing = ['revenue', 'import', invoices, '--map', join(desk, 'map.toml'), '--create-accounts', '--json'];
    expect(JSON.parse(fiona.must(importing))).toMatchObject({ read: 13_581, new: 13_581, known: 0, rejected: 0 });
    fiona.must(['job', 'run', 'accrue-commissions', '--for', '2011-06-30']);
    expect(JSON.parse(fiona.must(['commission', 'summary', '--by', 'partner', '--json']))).toEqual(ANSWER);
    expect(JSON.parse(fiona.must(importing))).toMatchObject({ read: 13_581, new: 0, known: 13_581, rejected: 0 });

    // A rule over sales that are decided already would change the past in silence.
    expect(fiona.type(['rule', 'set', '--scope', 'instance=de', '--percentage', '13%', ...from])).toMatchObject({
      code: 3,
    });
    expect(fiona.must(['commission', 'explain', 'online-retail:536527/goods/12662'])).toContain('12.5%');
    fiona.must(['doctor']);
    // Nothing is left to decide, and deciding again changes nothing.
    fiona.must(['job', 'run', 'accrue-commissions', '--for', '2011-06-30']);
    expect(JSON.parse(fiona.must(['commission', 'summary', '--by', 'partner', '--json']))).toEqual(ANSWER);
  }, 240_000);
});

const INSTANCES = {
  uk: 'albion',
  channel: 'albion',
  eire: 'shamrock',
  de: 'rhein',
  at: 'rhein',
  ch: 'rhein',
  fr: 'lumiere',
  be: 'lumiere',
  nl: 'lumiere',
  world: 'atlas',
};

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
