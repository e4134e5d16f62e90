import { UsageError } from '../../../domain/errors.ts';
import { INSTRUMENT_KINDS, type InstrumentKind } from '../../../domain/instruments.ts';
import { accountDetails, type AccountDetails } from '../../../formats/account-details.ts';
import { ACCOUNT_FIELDS } from '../../../formats/account-fields.ts';
import { mistakeIn, namesOf } from '../../../formats/fields.ts';
import { readAccountSource } from '../../../services/instrument/account-source.ts';
import { addInstrument } from '../../../services/instrument/add-instrument.ts';
import { partnerChoices } from '../../choices.ts';
import type { Invocation } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { mutation } from '../../mutation.ts';
import { argument, option, readText, requiredOption } from '../../parameters.ts';
import { withAccount } from './example.ts';
import { instrumentRows } from './rows.ts';

const FIELDS = INSTRUMENT_KINDS.map((kind) => {
  const names = namesOf(ACCOUNT_FIELDS[kind]).join(' ');
  return `  ${kind.padEnd(9)}  ${names === '' ? 'nothing: it is paid by hand' : names}`;
}).join('\n');

/** A file as it was typed; once it is read, what it says. */
type Source = string | AccountDetails;

export const add = mutation({
  rows: instrumentRows,
  verb: 'add',
  summary: 'say where a partner is paid in a currency, or that it has changed',
  description: [
    'Account data comes from a file, a variable, stdin or, on a terminal, from questions; never from the command line, which ' +
      'others on a machine can read. It is TOML, a line a field, or one JSON object:',
    FIELDS,
    'It is checked (IBAN, BIC, check digits), sealed with the newest key and shown masked from then on. Each change is a version: ' +
      'the one before is paid to no more, and this one after a second person has verified it (`instrument verify`) and as many ' +
      'days have passed as the setting instrument_cooloff says. A partner without an instrument is paid by hand.',
  ].join('\n\n'),
  parameters: {
    partner: argument<string>('PARTNER', 'the partner', { ask: { message: 'Partner:', choices: partnerChoices } }),
    kind: requiredOption('--kind <kind>', 'how it is paid', { choices: INSTRUMENT_KINDS, ask: { message: 'Kind:' } }),
    currency: option('--currency <code>', "what it is paid in (default: the partner's)", { read: readCurrency }),
    from: option<Source>('--from <file>', 'the file with the account data, or - for stdin', {
      read: (text) => readText(text, '--from'),
    }),
    fromEnv: option('--from-env <name>', 'the variable with the account data'),
  },
  examples: [
    withAccount('instrument add acme --kind iban --from account.toml'),
    withAccount('instrument add acme --kind manual --currency USD'),
    withAccount('instrument add acme --kind iban --from account.toml --dry-run'),
  ],
  async prepare(invocation, input) {
    return { ...input, from: await accountOf(invocation, input.kind, input) };
  },
  run: async (ctx, { from, ...input }) => await addInstrument(ctx, { ...input, details: from as AccountDetails }),
  done: ({ instrument, usableOn }) =>
    `${instrument} is paid to from ${usableOn} on, once a second person has verified it: revshare instrument verify ${instrument}`,
});

interface Given {
  readonly from: Source | undefined;
  readonly fromEnv: string | undefined;
}

/** @throws UsageError `source_twice`, `missing_input`, and what account data is refused for */
async function accountOf(
  invocation: Invocation,
  kind: InstrumentKind,
  { from, fromEnv }: Given,
): Promise<AccountDetails> {
  if (from !== undefined && fromEnv !== undefined) {
    throw new UsageError('source_twice', 'account data comes by --from or by --from-env, not by both');
  }
  if (fromEnv !== undefined) {
    return await readAccountSource(kind, { variable: fromEnv, value: invocation.host.env[fromEnv] });
  }
  if (from === '-') return await readAccountSource(kind, { stdin: invocation.host.io.stdin });
  if (typeof from === 'string') return await readAccountSource(kind, { file: invocation.path(from), label: from });
  if (ACCOUNT_FIELDS[kind].length === 0) return {};
  if (invocation.asker === null) {
    throw new UsageError('missing_input', 'missing: --from or --from-env', {
      hint: 'without a terminal nothing is asked for: give a file with the account data, - for stdin, or a variable',
      details: { missing: ['--from', '--from-env'] },
    });
  }
  const typed: Record<string, string> = {};
  for (const one of ACCOUNT_FIELDS[kind].filter(({ asked }) => asked)) {
    typed[one.name] = await invocation.asker.text({
      message: one.required ? `${one.about}:` : `${one.about} (may be blank):`,
      check: (answer) => mistakeIn(one, answer),
    });
  }
  return accountDetails(kind, typed, 'what was typed');
}
