import { runJob } from '../runner/run-job.ts';
import type { Work } from '../runner/job.ts';
import { accrueCommissions } from '../services/accrual/accrue-commissions.ts';
import { toldMissing } from '../services/accrual/waiting-events.ts';
import { showRequest, type Request } from '../services/approval/list-requests.ts';
import { withoutPlan } from '../services/mutation.ts';
import type { Context } from '../services/context.ts';
import { today } from '../services/today.ts';
import { RefusedError } from '../domain/errors.ts';
import type { Command } from './command.ts';
import { mutation, type MutationDeclaration } from './mutation.ts';
import type { Parameters } from './parameters.ts';
import { requestRows, requestSections } from './request-rows.ts';

type RequestDeclaration<P extends Parameters> = Omit<MutationDeclaration<Request, P>, 'rows' | 'sections' | 'done'>;

/** Makes a command that asks for an act on money, or answers who asked; what is done by it is decided at once. */
export function requestCommand<P extends Parameters>(declaration: RequestDeclaration<P>): Command {
  return mutation<Request, P>({
    ...declaration,
    rows: requestRows,
    sections: requestSections,
    async run(ctx, input, say, ...rest) {
      const request = await declaration.run(ctx, input, say, ...rest);
      return ctx.dryRun || request.undecided === 0 ? request : await decide(ctx, request, say);
    },
    done: outcome,
  });
}

function outcome({ id, status, about, undecided }: Request): string {
  if (status === 'pending') return `request ${id} waits for a second person: revshare approval approve ${id}`;
  if (status === 'done')
    return `request ${id} is done: ${about}${undecided === 0 ? '' : '; the next accrual decides it'}`;
  return `request ${id} is ${status}`;
}

/**
 * The accrual of every night, for nothing but what operators did to something decided; under the same claim, so that only one
 * decides. What says itself what it posts is posted by then.
 */
const decideActs: Work = {
  name: 'accrue-commissions',
  async run(work) {
    const summary = await accrueCommissions(work, { only: 'acts' });
    return { summary: { ...summary }, failures: summary.waiting.map(toldMissing) };
  },
};

async function decide(ctx: Context, request: Request, say: (text: string) => void): Promise<Request> {
  try {
    // A plan was of what is done already.
    const { failures = [] } = await runJob(withoutPlan(ctx), decideActs, today(ctx));
    for (const failure of failures) say(failure);
  } catch (error) {
    if (!(error instanceof RefusedError && error.code === 'job_running')) throw error;
    say(`${error.message}: the next accrual decides it`);
  }
  return await showRequest(ctx, request.id);
}
