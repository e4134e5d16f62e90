import { UsageError } from '../domain/errors.ts';
import { DeclinedError } from './asker.ts';
import type { Invocation } from './command.ts';
import { option } from './parameters.ts';

/** The option of a command that wants an id typed: paying out, closing, reversing. */
export const confirmOption = () => option('--confirm <id>', 'the id again, instead of typing it at the question');

/**
 * A routine confirmation: --yes, or a yes at the terminal. A dry run asks nothing, for it does nothing.
 * @throws UsageError `confirmation_missing` where nobody can answer, DeclinedError when the answer is no
 */
export async function confirmRoutine(invocation: Invocation, message: string): Promise<void> {
  if (invocation.yes || invocation.dryRun) return;
  if (invocation.asker === null) {
    throw new UsageError('confirmation_missing', `${message} This wants a confirmation`, { hint: 'give --yes' });
  }
  if (!(await invocation.asker.confirm(message))) throw new DeclinedError();
}

/**
 * A confirmation of what cannot be taken back: the id typed again, at the terminal or by --confirm. --yes is not enough.
 * @throws UsageError `confirmation_missing`, `confirmation_differs`
 */
export async function confirmTyped(
  invocation: Invocation,
  id: string,
  given: string | undefined,
  message: string,
): Promise<void> {
  if (invocation.dryRun) return;
  if (given === undefined && invocation.asker === null) {
    throw new UsageError('confirmation_missing', `${message} This wants the id typed again`, {
      hint: `give --confirm ${id}`,
    });
  }
  const typed = given ?? (await invocation.asker!.text({ message: `${message} Type ${id}:`, check: () => null }));
  if (typed.trim() !== id) {
    throw new UsageError('confirmation_differs', `'${typed.trim()}' is not ${id}: nothing was done`);
  }
}
