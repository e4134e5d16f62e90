import { openStage, withoutPlace, type Stage, type Story } from './story.ts';

const partner = (code: string, name: string, currency: string) => [
  `partner create ${code} --name "${name}" --type reseller --currency ${currency}`,
  `instance create ${code}-shop --tenant northwind --partner ${code} --name Shop`,
  `revenue record --instance ${code}-shop --kind payment --net 1000 --currency ${currency} --occurred-at 2026-09-05 --id ${code}`,
];
const account = (code: string, currency: string, kind: string) => [
  `instrument add ${code} --kind ${kind} --from ${code}.toml`,
  `instrument verify ${code}/${currency} --yes --actor checker`,
];

/** Partners of three currencies with accounts of three kinds, one that is paid by hand, and one that lives abroad. */
const SCENE = [
  'tenant create northwind --name "Northwind Traders"',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  ...partner('acme', 'Acme Größe GmbH', 'EUR'),
  ...partner('brit', 'Brit Ltd', 'GBP'),
  ...partner('hand', 'Paid by Hand', 'EUR'),
  ...partner('widget', 'Widget Inc', 'USD'),
  'job run accrue-commissions --for 2026-09-30',
  'settings set instrument_cooloff 0',
  'keys init',
  ...account('acme', 'EUR', 'iban'),
  ...account('brit', 'GBP', 'sort_code'),
  ...account('widget', 'USD', 'aba'),
];

const FILES = {
  'acme.toml': 'iban = "DE89 3704 0044 0532 0130 00"\n',
  'brit.toml': 'sort_code = "20-00-00"\naccount = "12345678"\n',
  'widget.toml': 'routing = "021000021"\naccount = "0012345678"\ncountry = "CA"\ntown = "Toronto"\n',
  'moved.toml': 'routing = "021000021"\naccount = "0012345678"\n',
};

export async function railStage(): Promise<Stage> {
  return withoutPlace(await openStage({ checker: true, lines: SCENE, files: FILES }));
}

export const RAIL_STORY: Story = [
  [
    'rail-set',
    '| rail set sepa iban=DE02120300000000202052 nam=Northwind',
    '| rail set sepa Northwind',
    '| rail set swift name=Northwind',
    '| rail set sepa "name=Northwind AG" iban=DE02120300000000202051 --dry-run',
    '> rail set sepa "name=Northwind AG" iban=DE02120300000000202051 cutoff_hour=14',
    '| rail set sepa cutoff_hour=none --json',
    '| rail set sepa cutoff_hour=none',
    '| rail set wise source_currency=EUR -o id',
    '| rail set nacha bank_routing=021000021 "bank_name=First Bank" origin_id=1234567890 "origin_name=Northwind Inc" company_id=1234567890 company_name=Northwind odfi=021000021 -o id',
  ],
  ['rail-list', '> rail list', '| rail list -o id', '| rail list --json'],
  ['rail-show', '> rail show sepa', '| rail show paypal', '| rail show sepa --json'],
  [
    'rail-submit',
    '| payout generate --cutoff 2026-11-01 -o id',
    '| payout approve 1 --confirm 1 --actor checker -o id',
    '| payout submit 1 --out . --confirm 1',
    '| instrument add widget --kind aba --from moved.toml -o id',
    '| instrument verify widget/USD --yes --actor checker -o id',
    '> payout submit 1 --out . --confirm 1 --dry-run',
    '> payout submit 1 --out . --confirm 1',
    '| payout submit 1 --out . --confirm 1',
  ],
  [
    'payout-files',
    '> payout files 1',
    '| payout files 1 --json',
    '| rail set sepa "name=Northwind Renamed"  -o id',
    '| partner update acme --name "Acme Renamed" -o id',
    '| payout files P00000001A --out . -o csv',
    '| payout files 1 --out nowhere',
    '| payout files 7',
    '| payout register 1 --out -',
  ],
];
