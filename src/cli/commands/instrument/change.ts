import { retireInstrument, verifyInstrument } from '../../../services/instrument/change-instrument.ts';
import { instrumentToVerify } from '../../../services/instrument/show-instrument.ts';
import { confirmRoutine } from '../../confirmation.ts';
import { mutation } from '../../mutation.ts';
import { option, requiredOption } from '../../parameters.ts';
import { whenAdded, whenVerified } from './example.ts';
import { instrument, instrumentRows } from './rows.ts';

export const verify = mutation({
  rows: instrumentRows,
  verb: 'verify',
  summary: 'say as the second person that the account is the partner’s',
  description:
    'Whoever added it cannot verify it: the database tells the two apart by their logins. Compare it with what the partner ' +
    'says by another way than the one on which the account came. It is paid to once it has cooled off, too.',
  parameters: { instrument, note: option('--note <text>', 'how that was found out, for the record') },
  examples: [
    whenAdded('instrument verify acme/EUR --note "called them" --yes --actor checker'),
    whenAdded('instrument verify acme/EUR --dry-run --actor checker'),
  ],
  async prepare(invocation, input) {
    const {
      instrument: code,
      version,
      kind,
      account,
    } = await instrumentToVerify(await invocation.context(), input.instrument);
    await confirmRoutine(invocation, `Verify ${code}, version ${version}: ${kind} ${account}?`);
    // What was shown is what is verified, also when the answer took its time.
    return { ...input, instrument: { ...input.instrument, version } };
  },
  run: async (ctx, { instrument: code, note }) => await verifyInstrument(ctx, code, note),
  done: ({ instrument: code, usableOn }) => `verified ${code}; it is paid to from ${usableOn} on`,
});

export const retire = mutation({
  rows: instrumentRows,
  verb: 'retire',
  summary: 'take an instrument out of use',
  description:
    'Nothing is paid to the partner in this currency until another instrument is added and verified, be it one of kind ' +
    'manual. Payouts that are drafted for it are cancelled when they are submitted.',
  parameters: { instrument, reason: requiredOption('--reason <text>', 'why, for the record') },
  examples: [
    whenVerified('instrument retire acme/EUR --reason "account closed" --yes'),
    whenVerified('instrument retire acme/EUR --reason "account closed" --dry-run'),
  ],
  async prepare(invocation, { instrument: { partner, currency } }) {
    await confirmRoutine(invocation, `Pay nothing to ${partner} in ${currency} until another instrument is verified?`);
  },
  run: async (ctx, { instrument: code, reason }) => await retireInstrument(ctx, code, reason),
  done: (row) => `retired ${row.instrument}`,
});
