import type { Example } from '../../command.ts';

/** A partner and the file with its account, for the examples of this noun; keys are made first. */
const partner = ['partner create acme --name "Acme Resale" --type reseller --currency EUR', 'keys init'];
const added = [...partner, 'instrument add acme --kind iban --from account.toml'];
const files = { 'account.toml': 'iban = "DE89 3704 0044 0532 0130 00"\nbic = "COBADEFFXXX"\n' };

export const withAccount = (command: string): Example => ({ command, setup: partner, files });
export const whenAdded = (command: string): Example => ({ command, setup: added, files });
export const whenVerified = (command: string): Example => ({
  command,
  setup: [...added, 'instrument verify acme/EUR --yes --actor checker'],
  files,
});
