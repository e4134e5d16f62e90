import { REQUEST_KINDS } from '../../../domain/acts.ts';
import { approveRequest, rejectRequest } from '../../../services/approval/answer-request.ts';
import { listLimits, type Limit } from '../../../services/approval/limits.ts';
import { listRequests, requestView, showRequest } from '../../../services/approval/list-requests.ts';
import { askForLimit } from '../../../services/approval/set-limit.ts';
import { currencyChoices } from '../../choices.ts';
import type { Command } from '../../command.ts';
import { confirmRoutine } from '../../confirmation.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { readCurrency } from '../../currency-reading.ts';
import { argument, flag, option, orNone, readText, requiredOption, wholeNumber } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { requestRows, requestSections } from '../../request-rows.ts';
import { oneLimit, oneRequest as setup } from './example.ts';

const readRequest = wholeNumber('REQUEST', 1, Number.MAX_SAFE_INTEGER);
const request = argument('REQUEST', 'the number of the request', { read: readRequest });

const list = listCommand({
  ...requestRows,
  summary: 'list what was asked for, latest first',
  filters: {
    status: option('--status <status>', 'only those', {
      choices: ['pending', 'approved', 'done', 'rejected', 'withdrawn'],
    }),
    kind: option('--kind <kind>', 'only those of this kind', { choices: REQUEST_KINDS }),
    by: option('--by <login>', 'only those of this login'),
  },
  query: async (ctx, filter, page) => await listRequests(ctx, filter, page),
  whenEmpty: 'nobody has asked for anything; `revshare adjustment add` does',
  examples: [
    { command: 'approval list --status pending', setup },
    { command: 'approval list --kind bonus --json', setup },
  ],
});

const show = showCommand({
  ...requestRows,
  summary: 'show one request and the money it moves per partner',
  argument: argument<string>('REQUEST', 'the number of the request'),
  sections: requestSections,
  find: async (ctx, text) => await showRequest(ctx, readRequest(text)),
  examples: [
    { command: 'approval show 1', setup },
    { command: 'approval show 1 --json', setup },
  ],
});

const approve = requestCommand({
  verb: 'approve',
  summary: 'agree to a request as the second person, and do it',
  description:
    'Approves a request of somebody else and does it at once: its acts are recorded, decided and posted. The database ' +
    'refuses the approval of whoever asked. A request that would move other money by now than its maker was shown is ' +
    'refused; --hash insists on the content that you looked at.',
  parameters: {
    request,
    hash: option('--hash <hash>', 'only if it has this content, as `approval show` prints it; a beginning will do'),
    note: option('--note <text>', 'a word for the record'),
  },
  examples: [{ command: 'approval approve 1 --yes --actor checker', setup }],
  async prepare(invocation, { request: id }) {
    if (invocation.dryRun) return;
    const { about, effect } = await showRequest(await invocation.context(), id);
    const moves = effect.map(({ partner, amount, currency: code }) => `${partner} ${amount} ${code}`).join(', ');
    await confirmRoutine(invocation, `Approve request ${id}: ${about}${moves === '' ? '' : ` (${moves})`}?`);
  },
  run: async (ctx, input) =>
    requestView(await approveRequest(ctx, { request: input.request, contentHash: input.hash, note: input.note })),
});

const reject = requestCommand({
  verb: 'reject',
  summary: 'turn a request down, or withdraw your own',
  parameters: { request, reason: requiredOption('--reason <text>', 'why, for whoever asked') },
  examples: [{ command: 'approval reject 1 --reason "agreed for next quarter"', setup }],
  run: async (ctx, input) => requestView(await rejectRequest(ctx, input)),
});

const limit = requestCommand({
  verb: 'limit',
  summary: 'ask for another sum up to which one person acts alone, or one checker is enough',
  description:
    'Up to this sum a request of adjustments, bonuses, write-offs or voids is done without a second person; 0, as at ' +
    'first: never. With --payouts: a payout run wants two checkers (`payout approve`) if all that it sends in the currency is ' +
    'more than this, as it is where a single payout is; none, as at first: one is enough. What counts is the lowest limit ' +
    'that stood when the run was made or somebody approved it. Whatever it is, the change itself wants a second person, and is in ' +
    'force from the day on which that one agrees. `approval limits` lists them.',
  parameters: {
    currency: argument('CURRENCY', 'ISO 4217', {
      read: readCurrency,
      ask: { choices: currencyChoices },
    }),
    amount: argument<string | null>('AMOUNT', 'the largest sum of one request, or of one run', {
      read: orNone((text) => readText(text, 'AMOUNT')),
    }),
    payouts: flag('--payouts', 'of a payout run: above it a second checker is wanted'),
    reason: requiredOption('--reason <text>', 'why, for the record'),
  },
  examples: [
    { command: 'approval limit EUR 50.00 --reason "small corrections are daily work"' },
    { command: 'approval limit USD 100000.00 --payouts --reason "the board wants two checkers above"' },
  ],
  run: async (ctx, { payouts, ...input }) => await askForLimit(ctx, { ...input, of: payouts ? 'run' : 'request' }),
});

const l = columnsOf<Limit>();
const limitRows: NounRows<Limit> = {
  noun: 'limit',
  plural: 'limits',
  id: (row) => `${row.of}/${row.currency}`,
  columns: [
    l.code('of', (row) => row.of),
    l.money('up_to', (row) => row.amount),
    l.code('currency', (row) => row.currency),
    l.date('from', (row) => row.from),
    l.actor('agreed_by', (row) => row.agreedBy),
    l.instant('agreed_at', (row) => row.agreedAt, { detail: true }),
    l.number('known_seq', (row) => row.knownSeq, { detail: true }),
  ],
};

const limits = listCommand({
  ...limitRows,
  verb: 'limits',
  summary: 'list up to where one person acts alone, and one checker approves a run',
  filters: {},
  query: async (ctx, _filter, { limit: most, offset }) => (await listLimits(ctx)).slice(offset, offset + most),
  whenEmpty: 'nobody acts alone, and one checker approves any run; `revshare approval limit` says otherwise',
  examples: [
    { command: 'approval limits', setup: oneLimit },
    { command: 'approval limits --json', setup: oneLimit },
  ],
});

export const commands: readonly Command[] = [list, show, approve, reject, limit, limits];
