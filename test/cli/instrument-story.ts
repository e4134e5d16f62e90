import { openStage, type Stage, type Story } from './story.ts';

/** A partner with something to be paid, and the files with its account, the right one and one that is mistyped. */
const SCENE = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale GmbH" --type reseller --currency EUR',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  'revenue record --instance acme-shop --kind payment --net 600 --currency EUR --occurred-at 2026-09-05 --id pay-1',
  'job run accrue-commissions --for 2026-09-30',
];

const FILES = {
  'account.toml': 'iban = "DE89 3704 0044 0532 0130 00"\nbic = "COBADEFFXXX"\n',
  'moved.toml': 'iban = "GB29 NWBK 6016 1331 9268 19"\nholder = "Acme Resale Ltd"\n',
  'mistyped.toml': 'iban = "DE89 3704 0044 0532 0130 01"\nbik = "COBADEFFXXX"\n',
  'us.json': '{ "routing": "021000021", "account": "0012345678" }',
  'torn.json': '{ "routing": "0210',
};

export async function instrumentStage(): Promise<Stage> {
  const { type, leave } = await openStage({ checker: true, lines: SCENE, files: FILES });
  // The database says when something is usable, by its own clock; keys are drawn, and lie in a directory of the test's.
  const steady = (text: string) =>
    text
      .replace(/\b\d{4}-\d\d-\d\d\b(?!T)/g, 'YYYY-MM-DD')
      .replace(/\b[0-9a-f]{12}\b(?="|\s|$|,)/g, 'KEYKEYKEYKEY')
      .replace(/\/[^\s"]*\/keys\b/g, '/HOME/keys');
  return {
    type: async (line, settings) => {
      const { stdout, stderr, ...ran } = await type(line, settings);
      return { ...ran, stdout: steady(stdout), stderr: steady(stderr) };
    },
    leave,
  };
}

export const INSTRUMENT_STORY: Story = [
  ['keys-init', '| instrument add acme --kind iban --from account.toml', '| keys status', '> keys init', '| keys init'],
  [
    'instrument-add',
    '| instrument add acme --kind iban',
    '| instrument add acme --kind iban --from mistyped.toml',
    '| instrument add acme --kind aba --from torn.json',
    '| instrument add acme --kind iban --from-env ACCOUNT',
    '| instrument add acne --kind iban --from account.toml',
    '| instrument add acme --kind iban --from account.toml --dry-run',
    '> instrument add acme --kind iban --from account.toml',
    '| instrument add acme --kind aba --currency USD --from us.json --json',
    '| instrument add acme --kind manual --currency GBP -o csv',
  ],
  [
    'instrument-verify',
    '| payout why-not acme',
    '| instrument verify acme/EUR --yes',
    '| instrument verify acme/EUR --actor checker',
    '| instrument verify acme/EUR --dry-run --actor checker',
    '> instrument verify acme/EUR --note "called them" --yes --actor checker',
    '| instrument verify acme/EUR --yes --actor checker',
    '| payout why-not acme',
  ],
  [
    'instrument-list',
    '> instrument list',
    '| instrument list --standing unverified',
    '| instrument list --currency USD --json',
    '| instrument list --partner acne',
  ],
  [
    'instrument-paid',
    '| settings set instrument_cooloff 0',
    '| instrument add acme --kind iban --from moved.toml',
    '| instrument verify acme/EUR --yes --actor checker',
    '> payout generate --cutoff 2026-11-01',
    '| payout approve 1 --confirm 1 --actor checker',
    '> payout show 1 --detail',
    '| instrument add acme --kind iban --from account.toml -o id',
    '| payout submit 1 --out register.csv --confirm 1',
    '| payout generate --cutoff 2026-11-01',
  ],
  [
    'instrument-show',
    '> instrument show acme/EUR',
    '| instrument show acme/EUR/1 --json',
    '| instrument show acme/EUR --reveal',
    '| instrument show acme/EUR --reason "curious"',
    '| instrument show acme/EUR/2 --reveal --reason "the bank asks"',
    '| instrument show acme/JPY',
    '| instrument show acme',
  ],
  [
    'keys-rotate',
    '| keys rotate --dry-run',
    '> keys rotate --yes',
    '> keys status',
    '| keys rotate --reseal --yes',
    '| instrument show acme/EUR/2 --reveal --reason "still there"',
  ],
  [
    'instrument-retire',
    '| instrument retire acme/EUR --reason "account closed"',
    '| instrument retire acme/EUR --reason "account closed" --yes --dry-run',
    '> instrument retire acme/EUR --reason "account closed" --yes',
    '| instrument retire acme/EUR --reason "account closed" --yes',
    '| payout why-not acme',
  ],
];
