import { UsageError } from '../../../domain/errors.ts';
import { parseStatementNumber } from '../../../domain/statement.ts';
import { argument } from '../../parameters.ts';

export const statementNumber = argument<number>('NUMBER', 'the statement, as ST000042 or 42', {
  read: parseStatementNumber,
  ask: { message: 'Statement:' },
});

/** @throws UsageError `statement_whose` unless either says whose statements are meant */
export function assertWhose(partner: string | undefined, all: boolean): void {
  if ((partner === undefined) !== all) {
    throw new UsageError(
      'statement_whose',
      partner === undefined ? 'whose statements?' : '--all and --partner say two things',
      {
        hint: 'give --partner CODE, or --all',
      },
    );
  }
}
