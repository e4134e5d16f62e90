import { parseStatementNumber } from '../../../domain/statement.ts';
import { listStatements, showStatement, type StatementDetails } from '../../../services/statement/list-statements.ts';
import { voidStatement } from '../../../services/statement/void-statement.ts';
import { partnerChoices } from '../../choices.ts';
import type { Command } from '../../command.ts';
import { confirmOption, confirmTyped } from '../../confirmation.ts';
import { readCurrency } from '../../currency-reading.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { argument, flag, option, requiredOption } from '../../parameters.ts';
import { files } from './files.ts';
import { generate } from './generate.ts';
import { statementNumber } from './parameters.ts';
import { preview } from './preview.ts';
import { statementRows, statementSections, withStatement } from './rows.ts';
import { verify } from './verify.ts';

const list = listCommand({
  ...statementRows,
  filters: {
    partner: option('--partner <code>', 'only of this partner', { ask: { choices: partnerChoices } }),
    currency: option('--currency <code>', 'only of this currency', { read: readCurrency }),
    live: flag('--live', 'leave out what is void'),
  },
  dated: 'day',
  query: async (ctx, filter, page, { from, to }) =>
    await listStatements(ctx, { ...filter, from: from ?? undefined, to: to ?? undefined }, page),
  whenEmpty: '`revshare statement generate --all --period …` makes them',
  examples: [withStatement('statement list'), withStatement('statement list --period 2026-10 --partner acme --json')],
});

const show = showCommand({
  ...(statementRows as NounRows<StatementDetails>),
  summary: 'show a statement as it was issued',
  description:
    'Opening + entries − rejected − paid − withheld − fees + returned = closing, which is what is in the wallets and in ' +
    'transit, and the next opening. Then what it is made of: by instance; entries by rule and rate; what reviews took back; ' +
    'payouts that left, arrived or came back; holds; how the wallets stand, and from when what is not payable yet may be ' +
    'paid; the year to the last day.',
  argument: argument('NUMBER', 'the statement, as ST000042 or 42', { ask: { message: 'Statement:' } }),
  sections: statementSections,
  find: async (ctx, number) => await showStatement(ctx, parseStatementNumber(number)),
  examples: [withStatement('statement show ST000001'), withStatement('statement show 1 --json')],
});

const voiding = mutation({
  rows: statementRows,
  verb: 'void',
  summary: 'void a statement that is wrong or outdated; the next one refers to it',
  description:
    'A statement never changes. Voided, it stays as it was said, with the reason, and `statement generate` makes another of ' +
    'its partner, currency and period, which refers to it. A later statement that opens with what this one closes with has ' +
    'to be voided, too, if the closing changes.',
  parameters: {
    number: statementNumber,
    reason: requiredOption('--reason <text>', 'what is wrong with it'),
    confirm: confirmOption(),
  },
  examples: [
    withStatement('statement void ST000001 --reason "a payment came late" --confirm ST000001'),
    withStatement('statement void 1 --reason "a payment came late" --dry-run'),
  ],
  async prepare(invocation, { number, confirm }) {
    const ctx = await invocation.context();
    const { number: named, partner, closing, currency } = await showStatement(ctx, number);
    await confirmTyped(
      invocation,
      named,
      confirm,
      `${named} of ${partner}, closing with ${closing} ${currency}, will be void.`,
    );
  },
  run: async (ctx, { number, reason }) => await voidStatement(ctx, { number, reason }),
  done: (row) => `${row.number} is void; \`revshare statement generate --partner ${row.partner} …\` makes another`,
});

export const commands: readonly Command[] = [generate, preview, list, show, files, verify, voiding];
