import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ONLINE_RETAIL_MAP } from '../support/revenue.ts';
import type { Operator } from './operator.ts';

/** Half a year of real invoices, where they are at hand. */
export const RETAIL_INVOICES = fileURLToPath(
  new URL('../../../shared/data/online-retail/invoices-2010-12_2011-06.csv', import.meta.url),
);

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

/** Makes the programme of issue "The way in": its partners, instances and rules; and the mapping, whose path it returns. */
export function openRetailBooks({ must, home }: Operator): string {
  must(['init', '--currency', 'GBP']);
  must(['tenant', 'create', 'retail', '--name', 'Online Retail']);
  for (const partner of new Set(Object.values(INSTANCES))) {
    must(['partner', 'create', partner, '--name', partner, '--type', 'reseller', '--currency', 'GBP']);
  }
  for (const [instance, partner] of Object.entries(INSTANCES)) {
    must(['instance', 'create', instance, '--tenant', 'retail', '--partner', partner, '--name', instance]);
  }
  const from = ['--from', '2010-01-01'];
  must(['rule', 'set', '--scope', 'programme', '--percentage', '10%', ...from]);
  must(['rule', 'set', '--scope', 'programme', '--product', 'postage', '--percentage', '0%', ...from]);
  must(['rule', 'set', '--scope', 'programme', '--product', 'adjustment', '--percentage', '0%', ...from]);
  must(['rule', 'set', '--scope', 'partner=shamrock', '--percentage', '15%', ...from]);
  must(['rule', 'set', '--scope', 'instance=de', '--percentage', '12.5%', ...from]);
  must(['rule', 'set', '--scope', 'instance=nl', '--product', 'goods', '--percentage', '7.25%', ...from]);
  const map = join(home, 'map.toml');
  writeFileSync(map, ONLINE_RETAIL_MAP);
  return map;
}
