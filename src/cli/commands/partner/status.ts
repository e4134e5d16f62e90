import { activatePartner, archivePartner, freezePartner } from '../../../services/partner/change-partner-status.ts';
import { confirmRoutine } from '../../confirmation.ts';
import { mutation } from '../../mutation.ts';
import { argument, option } from '../../parameters.ts';
import { partnerChoices } from '../../choices.ts';
import { oneAcme } from './parameters.ts';
import { partnerRows } from './rows.ts';

const code = argument<string>('CODE', 'the partner', { ask: { message: 'Partner:', choices: partnerChoices } });

export const freeze = mutation({
  rows: partnerRows,
  verb: 'freeze',
  summary: 'hold what a partner earns',
  description: 'Suspends a partner: it goes on earning, as held, and is paid nothing until it is activated.',
  parameters: {
    code,
    reason: option('--reason <text>', 'why, for the record', {
      ask: { message: 'Reason (for the record):', always: true },
    }),
  },
  examples: [{ command: 'partner freeze acme --reason "address unconfirmed"', setup: oneAcme }],
  run: async (ctx, input) => await freezePartner(ctx, input.code, input.reason),
  done: (row) => `froze partner ${row.code}: what it earns is held`,
});

export const activate = mutation({
  rows: partnerRows,
  verb: 'activate',
  summary: 'make a pending, inactive or frozen partner active',
  description: 'Makes a partner active. Lifting a freeze releases its hold.',
  parameters: { code },
  examples: [
    { command: 'partner activate acme', setup: [...oneAcme, 'partner freeze acme --reason "address unconfirmed"'] },
  ],
  run: async (ctx, input) => await activatePartner(ctx, input.code),
  done: (row) => `partner ${row.code} is active`,
});

export const archive = mutation({
  rows: partnerRows,
  verb: 'archive',
  summary: 'put a partner away for good',
  description:
    'Archives a partner whose wallets are empty, after a question or with --yes. It never comes back: one who returns signs ' +
    'a new contract under a new code.',
  parameters: { code },
  examples: [{ command: 'partner archive acme --yes', setup: oneAcme }],
  async prepare(invocation, input) {
    await confirmRoutine(invocation, `Archive ${input.code} for good?`);
  },
  run: async (ctx, input) => await archivePartner(ctx, input.code),
  done: (row) => `archived partner ${row.code}`,
});
