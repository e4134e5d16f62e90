import { UsageError } from '../../domain/errors.ts';
import type { InstrumentKind } from '../../domain/instruments.ts';
import { readWhole } from '../../files/read-whole.ts';
import { readAccountDetails, type AccountDetails } from '../../formats/account-details.ts';

/** Where account data comes from: never from a command line, which other users of a machine can read. */
export type AccountSource =
  | { readonly file: string; readonly label: string }
  | { readonly variable: string; readonly value: string | undefined }
  | { readonly stdin: AsyncIterable<Buffer | string> };

/** Reads account data from where it is. Throws UsageError `account_unreadable`, `account_invalid`, `variable_unset`, `file_…` */
export async function readAccountSource(kind: InstrumentKind, source: AccountSource): Promise<AccountDetails> {
  if ('file' in source) {
    return readAccountDetails(kind, (await readWhole(source.file, source.label)).toString('utf8'), source.label);
  }
  if ('variable' in source) {
    if (source.value === undefined || source.value === '') {
      throw new UsageError('variable_unset', `the variable ${source.variable} is not set`);
    }
    return readAccountDetails(kind, source.value, source.variable);
  }
  const blocks: Buffer[] = [];
  for await (const block of source.stdin) blocks.push(Buffer.from(block));
  return readAccountDetails(kind, Buffer.concat(blocks).toString('utf8'), 'stdin');
}
