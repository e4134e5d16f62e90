import { REQUEST_KINDS } from '../../../domain/acts.ts';
import { approveRequest, rejectRequest } from '../../../services/approval/answer-request.ts';
import { listRequests, requestView, showRequest } from '../../../services/approval/list-requests.ts';
import { askForLimit } from '../../../services/approval/set-limit.ts';
import { currencyChoices } from '../../choices.ts';
import type { Command } from '../../command.ts';
import { confirmRoutine } from '../../confirmation.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { readCurrency } from '../../currency-reading.ts';
import { argument, option, requiredOption, wholeNumber } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { requestRows, requestSections } from '../../request-rows.ts';
import { oneRequest as setup } from './example.ts';

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
  summary: 'ask for another sum up to which one person acts alone',
  description:
    'Up to this sum a request of adjustments, bonuses, write-offs or voids is done without a second person; 0, as at ' +
    'first: never. Whatever it is, the change itself wants one.',
  parameters: {
    currency: argument('CURRENCY', 'ISO 4217', {
      read: readCurrency,
      ask: { choices: currencyChoices },
    }),
    amount: argument<string>('AMOUNT', 'the largest sum of one request'),
    reason: requiredOption('--reason <text>', 'why, for the record'),
  },
  examples: [{ command: 'approval limit EUR 50.00 --reason "small corrections are daily work"' }],
  run: async (ctx, input) => await askForLimit(ctx, input),
});

export const commands: readonly Command[] = [list, show, approve, reject, limit];
