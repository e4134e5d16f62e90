import { UsageError } from '../../../domain/errors.ts';
import { parseStatementNumber } from '../../../domain/statement.ts';
import { argument, option } from '../../parameters.ts';
import { paperOption } from '../../written-files.ts';

export const statementNumber = argument<number>('NUMBER', 'the statement, as ST000042 or 42', {
  read: parseStatementNumber,
  ask: { message: 'Statement:' },
});

export const fileParameters = {
  format: option<'csv' | 'json' | 'pdf'>('--format <format>', 'default csv', { choices: ['csv', 'json', 'pdf'] }),
  paper: paperOption,
};

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
