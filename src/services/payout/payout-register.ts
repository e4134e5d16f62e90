import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { paidByHand, registerRows, submissionsOf, type RegisterRow } from '../../db/queries/payout-registers.ts';
import { PartialError, RefusedError } from '../../domain/errors.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';
import { draftFile, type Draft } from '../../files/publish.ts';
import { CONTROL_ENDING, controlText, register, type RegisterFile } from '../../rails/register.ts';
import type { Context } from '../context.ts';
import { withoutPlan } from '../mutation.ts';
import { assertPayoutsThere } from './find-run.ts';
import { sendAttempts, type SentPayout } from './send-attempts.ts';
import { submitPayouts, type SubmittedPayouts } from './submit-payouts.ts';
import { placeFile } from './write-files.ts';

export type { RegisterFile } from '../../rails/register.ts';

export interface SubmittedToFiles extends SubmittedPayouts {
  /** Where the register is; null when there is none, because nothing is paid by hand or this was a dry run. */
  readonly file: string | null;
  /** Where the files of rails are. */
  readonly railFiles: readonly string[];
  /** What providers were called for, and what they said. */
  readonly sent: readonly SentPayout[];
}

/**
 * Submits payouts and publishes what they leave in: the register of what to pay by hand at `out`, or in it where it is a
 * directory, and the files of rails beside it under names of their own; null where nothing leaves in a file. That files can be
 * written there is tried before anything is submitted; they get their names only when the books have committed. Then
 * providers are called for the rest.
 *
 * Writes. Throws as `submitPayouts`, `sendAttempts` and `draftFile` do, RefusedError `file_exists`, and PartialError `register_not_written`,
 * `files_not_written` when the disk failed after the commit: the payouts are submitted then, and `payoutRegister` and
 * `writePayoutFiles` make their files.
 */
export async function submitToFiles(
  ctx: Context,
  selection: PayoutSelection,
  out: string | null,
  { live = false }: { readonly live?: boolean } = {},
): Promise<SubmittedToFiles> {
  if (out === null) {
    const done = await submitPayouts(ctx, selection, { live, toFiles: false });
    return { ...done, file: null, railFiles: [], sent: await sendNow(ctx, done) };
  }
  const found = statSync(out, { throwIfNoEntry: false });
  if (found?.isFile() === true) {
    throw new RefusedError('file_exists', `there is a file ${out} already, and what is to be paid overwrites none`, {
      hint: 'choose another name for --out; `revshare payout register` writes an earlier register again',
    });
  }
  const directory = found?.isDirectory() === true ? out : dirname(out);
  // The name of a register in a directory is its first payout's, which is known when it is made.
  const draft = await draftRegister(ctx, directory === out ? join(out, 'payout-register.csv') : out);
  try {
    const done = await submitPayouts(ctx, selection, { live });
    if (ctx.dryRun) return { ...done, file: null, railFiles: [], sent: [] };
    const [first] = done.submitted;
    let file: string | null = null;
    if (done.register !== null) {
      try {
        file = await publishRegister(ctx, done.register, directory === out ? join(out, done.register.name) : draft);
      } catch (error) {
        throw notWritten('register', first!, error);
      }
    }
    const railFiles: string[] = [];
    for (const one of done.files) {
      try {
        railFiles.push((await placeFile(one, directory)).file!);
      } catch (error) {
        throw notWritten('files', first!, error);
      }
    }
    return { ...done, file, railFiles, sent: await sendNow(ctx, done) };
  } finally {
    await draft.discard();
  }
}

async function sendNow(ctx: Context, { attempts }: SubmittedPayouts): Promise<SentPayout[]> {
  return ctx.dryRun ? [] : await sendAttempts(withoutPlan(ctx), { ids: attempts }, { fresh: true });
}

type RegisterDraft = Awaited<ReturnType<typeof draftRegister>>;

/** Publishes by the draft that is there, or by one that is made for it; where it is. */
async function publishRegister(ctx: Context, made: RegisterFile, at: string | RegisterDraft): Promise<string> {
  const draft = typeof at === 'string' ? await draftRegister(ctx, at) : at;
  try {
    await draft.publish(made);
    return draft.path;
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
  await assertPayoutsThere(ctx.db, selection);
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
  const rows = paidByHand(await registerRows(ctx.db, submission.posting));
  if (rows.length === 0) {
    throw new RefusedError('no_register', `nothing of ${what} is paid by hand`, {
      hint: `it left in files, or by calls: revshare payout files ${submission.first}`,
    });
  }
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
  return { ...made, file: await publishRegister(ctx, made.register, out), unchanged: false };
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

function notWritten(what: 'register' | 'files', first: string, error: unknown): PartialError {
  const why = error instanceof Error ? error.message : String(error);
  const verb = what === 'register' ? 'is' : 'are';
  const again = what === 'register' ? `register ${first} --out FILE` : `files ${first} --out DIRECTORY`;
  return new PartialError(
    `${what}_not_written`,
    `the payouts are submitted, and their ${what} ${verb} not written: ${why}`,
    {
      hint: `do not submit again; write ${what === 'register' ? 'it' : 'them'}: revshare payout ${again}`,
      cause: error,
    },
  );
}
