import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../src/services/context.ts';
import { addInstrument } from '../../src/services/instrument/add-instrument.ts';
import { verifyInstrument } from '../../src/services/instrument/change-instrument.ts';
import { initKeys } from '../../src/services/keys/manage-keys.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { setRailProfile } from '../../src/services/rail/rail-profiles.ts';
import { setSetting } from '../../src/services/settings/set-setting.ts';
import { openBooks, type Books } from '../books.ts';
import type { TestDatabase } from '../database.ts';
import { earn } from './earnings.ts';

export interface FiledBooks {
  readonly books: Books;
  readonly maker: Context;
  readonly checker: Context;
  /** Approved and ready: acme's 60.00 by SEPA, zenith's 25.00 by hand. */
  readonly run: number;
  readonly numbers: Readonly<Record<'acme' | 'zenith', string>>;
  readonly directory: string;
  readonly leave: () => void;
}

/** Books with a SEPA profile, an account of acme's that is verified and usable, and a run that is ready to be submitted. */
export async function filedBooks(database: TestDatabase): Promise<FiledBooks> {
  const directory = mkdtempSync(join(tmpdir(), 'revshare-filed-'));
  const keys = { text: null, file: join(directory, 'keys') };
  const person = async (actor: string): Promise<Context> => ({ ...(await database.context({ actor })), keys });
  const [maker, checker] = [await person('maker'), await person('checker')];
  const operator = await database.as('tester');
  const books = await openBooks(operator);
  await initKeys(maker);
  await setSetting(maker, { key: 'instrument_cooloff', value: '0', from: '2026-01-01' });
  await setRailProfile(maker, 'sepa', { name: 'Northwind AG', iban: 'DE02120300000000202051' });
  const details = { iban: 'DE89370400440532013000', holder: 'Acme Größe' };
  await addInstrument(maker, { partner: 'acme', currency: 'EUR', kind: 'iban', details });
  await verifyInstrument(checker, { partner: 'acme', currency: 'EUR', version: null });
  await earn(operator, books, [
    { instance: 'acme-uk', amount: 6000 },
    { instance: 'zenith-de', amount: 2500 },
  ]);
  const { run, payouts } = await generatePayouts(maker);
  await approveRun(checker, { run: run! });
  const numberOf = (partner: string) => payouts.find((payout) => payout.partner === partner)!.number;
  return {
    ...{ books, maker, checker, directory },
    run: run!,
    numbers: { acme: numberOf('acme'), zenith: numberOf('zenith') },
    leave: () => rmSync(directory, { recursive: true }),
  };
}
