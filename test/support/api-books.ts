import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InstrumentKind } from '../../src/domain/instruments.ts';
import type { ApiRailName } from '../../src/domain/rail-names.ts';
import type { Context } from '../../src/services/context.ts';
import { addInstrument } from '../../src/services/instrument/add-instrument.ts';
import { verifyInstrument } from '../../src/services/instrument/change-instrument.ts';
import { initKeys } from '../../src/services/keys/manage-keys.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { setRailProfile } from '../../src/services/rail/rail-profiles.ts';
import { setSetting } from '../../src/services/settings/set-setting.ts';
import { openBooks } from '../books.ts';
import type { TestDatabase } from '../database.ts';
import { earn } from './earnings.ts';
import { FakeProvider, STRIPE_ACCOUNT, WEBHOOK_ID } from './fake-provider.ts';

export interface ApiBooks {
  readonly fake: FakeProvider;
  readonly maker: Context;
  readonly checker: Context;
  /** Earns, drafts and approves: acme and zenith, in the rail's currency; the run. The provider forgets what was asked of it. */
  readonly ready: () => Promise<number>;
  readonly numbers: () => Promise<Readonly<Record<'acme' | 'zenith', string>>>;
  readonly keyFile: string;
  readonly leave: () => Promise<void>;
}

export const ACCOUNTS: Readonly<
  Record<ApiRailName, { kind: InstrumentKind; currency: string; field: string; acme: string; zenith: string }>
> = {
  stripe: { kind: 'stripe', currency: 'EUR', field: 'account', acme: 'acct_1Acme000000', zenith: 'acct_1Zenith0000' },
  'paypal-payouts': {
    kind: 'paypal',
    currency: 'EUR',
    field: 'email',
    acme: 'acme@example.com',
    zenith: 'zenith@example.com',
  },
  razorpayx: {
    kind: 'razorpay',
    currency: 'INR',
    field: 'fund_account',
    acme: 'fa_00Acme00000000',
    zenith: 'fa_00Zenith000000',
  },
};
const PROFILES: Readonly<Record<ApiRailName, Readonly<Record<string, string>>>> = {
  stripe: { account: STRIPE_ACCOUNT },
  'paypal-payouts': { client_id: 'northwind-client', webhook_id: WEBHOOK_ID },
  razorpayx: { key_id: 'rzp_test_northwind', account_number: '7878780080316316' },
};

/** Books with a provider, two partners with verified accounts there, and what they earned. */
export async function apiBooks(database: TestDatabase, rail: ApiRailName): Promise<ApiBooks> {
  const directory = mkdtempSync(join(tmpdir(), 'revshare-api-'));
  const fake = await FakeProvider.start(rail);
  const own = { keys: { text: null, file: join(directory, 'keys') }, railSecrets: { text: fake.secrets, file: '' } };
  const person = async (actor: string): Promise<Context> => ({ ...(await database.context({ actor })), ...own });
  const [maker, checker] = [await person('maker'), await person('checker')];
  const operator = await database.as('tester');
  const books = await openBooks(operator);
  await initKeys(maker);
  await setSetting(maker, { key: 'instrument_cooloff', value: '0', from: '2026-01-01' });
  await setRailProfile(maker, rail, PROFILES[rail]);
  const { kind, currency, field, ...accounts } = ACCOUNTS[rail];
  for (const partner of ['acme', 'zenith'] as const) {
    await addInstrument(maker, { partner, currency, kind, details: { [field]: accounts[partner] } });
    await verifyInstrument(checker, { partner, currency, version: null });
  }
  let latest: readonly { readonly partner: string; readonly number: string }[] = [];
  return {
    ...{ fake, maker, checker, keyFile: own.keys.file },
    async ready() {
      fake.forget();
      await earn(operator, books, [
        { instance: 'acme-uk', amount: 6000, currency },
        { instance: 'zenith-de', amount: 2500, currency },
      ]);
      const { run, payouts } = await generatePayouts(maker);
      await approveRun(checker, { run: run! });
      latest = payouts;
      return run!;
    },
    async numbers() {
      const numberOf = (partner: string) => latest.find((payout) => payout.partner === partner)!.number;
      return { acme: numberOf('acme'), zenith: numberOf('zenith') };
    },
    async leave() {
      await fake.stop();
      rmSync(directory, { recursive: true });
    },
  };
}
