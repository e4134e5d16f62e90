import { parseStatementNumber } from '../../../domain/statement.ts';
import { argument } from '../../parameters.ts';

export const statementNumber = argument<number>('NUMBER', 'the statement, as ST000042 or 42', {
  read: parseStatementNumber,
  ask: { message: 'Statement:' },
});
