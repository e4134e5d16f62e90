import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { registerRows, submissionsOf, type RegisterRow } from '../../db/queries/payout-registers.ts';
import { payoutStates } from '../../db/queries/payout-states.ts';
import { NotFoundError, PartialError, RefusedError } from '../../domain/errors.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';
import { draftFile, type Draft } from '../../files/publish.ts';
import { CONTROL_ENDING, controlText, register, type RegisterFile } from '../../rails/register.ts';
import type { Context } from '../context.ts';
import { findRun } from './find-run.ts';
import { submitPayouts, type SubmittedPayouts } from './submit-payouts.ts';

export type { RegisterFile } from '../../rails/register.ts';

export interface SubmittedToRegister extends SubmittedPayouts {
  /** Where the register is; null when there is none, because nothing was left to pay or this was a dry run. */
  readonly file: string | null;
}

/**
 * Submits payouts and publishes their register at `out`: what to pay by hand. That a file can be written there is tried
 * before anything is submitted; it gets its name only when the books have committed.
 *
 * Writes. Throws as `submitPayouts` and `draftFile` do, RefusedError `file_exists`, and PartialError `register_not_written` when the disk failed after
 * the commit: the payouts are submitted then, and `payoutRegister` makes their register.
 */
export async function submitToRegister(
  ctx: Context,
  selection: PayoutSelection,
  out: string,
): Promise<SubmittedToRegister> {
  if (statSync(out, { throwIfNoEntry: false })?.isFile() === true) {
    throw new RefusedError('file_exists', `there is a file ${out} already, and what is to be paid overwrites none`, {
      hint: 'choose another name for --out; `revshare payout register` writes an earlier register again',
    });
  }
  const draft = await draftRegister(ctx, out);
  try {
    const done = await submitPayouts(ctx, selection);
    if (ctx.dryRun || done.register === null) return { ...done, file: null };
    try {
      await draft.publish(done.register);
    } catch (error) {
      throw notWritten(done.submitted[0]!, error);
    }
    return { ...done, file: draft.path };
  } finally {
    await draft.discard();
  }
}

export interface PayoutRegister {
  readonly register: RegisterFile;
  /** Those that are with the bank no more: whoever pays by this register must not pay them. */
  readonly movedOn: readonly Pick<RegisterRow, 'number' | 'status'>[];
}

/**
 * The register of a submission again, the same bytes whatever became of its payouts since. Reads only. Throws
 * NotFoundError, RefusedError `not_submitted`, and `several_registers` for a run that was submitted piece by piece.
 */
export async function payoutRegister(ctx: Context, selection: PayoutSelection): Promise<PayoutRegister> {
  await assertThere(ctx, selection);
  const [submission, ...more] = await submissionsOf(ctx.db, selection);
  const what = 'run' in selection ? `run ${selection.run}` : `payout ${selection.numbers.join(', ')}`;
  if (submission === undefined) {
    throw new RefusedError('not_submitted', `nothing of ${what} was submitted`, {
      hint: '`revshare payout submit` sends what is approved, and writes the register',
    });
  }
  if (more.length > 0) {
    const firsts = [submission, ...more].map(({ first }) => first);
    throw new RefusedError('several_registers', `${what} was submitted in ${firsts.length} pieces`, {
      hint: `name a payout of the one you mean: revshare payout register ${firsts.join(' | ')}`,
      details: { first_payouts: firsts },
    });
  }
  const rows = await registerRows(ctx.db, submission.posting);
  return {
    register: register.send({ programme: ctx.programme, payouts: rows }),
    movedOn: rows.filter(({ status }) => status !== 'processing'),
  };
}

export interface WrittenRegister extends PayoutRegister {
  readonly file: string;
  /** The file was there already, with these very bytes. */
  readonly unchanged: boolean;
}

/** The same into a file. Throws as `draftFile` does. */
export async function writeRegister(ctx: Context, selection: PayoutSelection, out: string): Promise<WrittenRegister> {
  const made = await payoutRegister(ctx, selection);
  const before = async (path: string) => await readFile(path, 'utf8').catch(() => null);
  const control = controlText(ctx.programme, basename(out), made.register);
  if ((await before(out)) === made.register.content && (await before(`${out}${CONTROL_ENDING}`)) === control) {
    return { ...made, file: out, unchanged: true };
  }
  const draft = await draftRegister(ctx, out);
  try {
    await draft.publish(made.register);
    return { ...made, file: draft.path, unchanged: false };
  } finally {
    await draft.discard();
  }
}

/**
 * Begins a register and its control file beside it. Both are whole and on the disk before either gets its name, the
 * register last: whoever waits for it finds what it must come to.
 */
async function draftRegister(
  ctx: Context,
  out: string,
): Promise<Pick<Draft, 'path' | 'discard'> & { publish(made: RegisterFile): Promise<void> }> {
  const file = await draftFile(out);
  try {
    const control = await draftFile(`${file.path}${CONTROL_ENDING}`);
    return {
      path: file.path,
      async discard() {
        await file.discard();
        await control.discard();
      },
      async publish(made) {
        await file.write(Buffer.from(made.content, 'utf8'));
        await control.write(Buffer.from(controlText(ctx.programme, basename(file.path), made), 'utf8'));
        await file.finish();
        await control.finish();
        await control.publish();
        await file.publish();
      },
    };
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function notWritten(first: string, error: unknown): PartialError {
  const why = error instanceof Error ? error.message : String(error);
  return new PartialError(
    'register_not_written',
    `the payouts are submitted, and their register is not written: ${why}`,
    {
      hint: `do not submit again; write it: revshare payout register ${first} --out FILE`,
      cause: error,
    },
  );
}

async function assertThere(ctx: Context, selection: PayoutSelection): Promise<void> {
  if ('run' in selection) {
    await findRun(ctx.db, selection.run);
    return;
  }
  const found = await payoutStates(ctx.db, { numbers: selection.numbers });
  const missing = selection.numbers.find((number) => !found.some((payout) => payout.number === number));
  if (missing !== undefined) throw new NotFoundError('payout', missing, '`revshare payout list` shows the numbers');
}
