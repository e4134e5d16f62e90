import { voidStatement } from '../../db/queries/statements.ts';
import type { Period } from '../../domain/dates.ts';
import { parseStatementNumber } from '../../domain/statement.ts';
import type { Context } from '../context.ts';
import { within } from '../mutation.ts';
import { findStatement } from './find-statement.ts';
import { generateStatements, type GeneratedStatements } from './generate-statements.ts';
import { verifyStatements } from './verify-statements.ts';

/** Numbers of the live statements of a period that do not say what the books say. */
export interface WrongStatements {
  /** Right when they were made; the books have moved on. */
  readonly outdated: readonly string[];
  /** No longer what was issued, or never what the books said. */
  readonly unproved: readonly string[];
}

/** Recomputes the live statements within a period. Reads only, in one snapshot. */
export async function wrongStatements(ctx: Context, { from, to }: Period): Promise<WrongStatements> {
  const verified = await verifyStatements(ctx, { from, to, live: true });
  const numbers = (wrong: typeof verified) => wrong.map(({ number }) => number);
  const isProved = ({ intact, proved }: (typeof verified)[number]) => intact && proved;
  return {
    outdated: numbers(verified.filter((one) => isProved(one) && one.current === false)),
    unproved: numbers(verified.filter((one) => !isProved(one))),
  };
}

/**
 * Makes what is missing of a period's statements, and others in the place of those that are outdated: these are void, and the
 * new ones refer to them. The rest are left alone. All of it or nothing. Writes. Throws as `generateStatements`.
 */
export async function completeStatements(
  ctx: Context,
  period: Period,
  outdated: WrongStatements['outdated'],
): Promise<GeneratedStatements> {
  return await ctx.write(async (tx) => {
    for (const number of outdated) {
      const { id } = await findStatement(tx, parseStatementNumber(number));
      await voidStatement(tx, id, `the books of ${period.label} have changed since`);
    }
    return await generateStatements(within(ctx, tx), { period });
  });
}
