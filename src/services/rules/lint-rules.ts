import type { Connection } from '../../db/connection.ts';
import { ruleWorld } from '../../db/queries/rule-world.ts';
import { lintBook, type Finding } from '../../domain/book-lint.ts';
import { ruleOf, type BookVersion } from '../../domain/book-versions.ts';
import { formatAccountCode } from '../../domain/codes.ts';
import { UsageError } from '../../domain/errors.ts';
import { readRuleFile, type FiledVersion, type FileMistake, type RuleFile } from '../../formats/rule-files.ts';
import type { Context } from '../context.ts';
import { liveBook } from './live-book.ts';
import { readRuleDirectory, type RuleDirectory } from './rule-directory.ts';

/** Something questionable about a rule book, and where it stands. */
export interface RuleFinding {
  readonly severity: 'error' | 'warning';
  /** Null for the live book. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** What it is about, as it is typed; null for a file that cannot be read so far. */
  readonly rule: string | null;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Everything questionable about the files of a directory. Reads only. Throws as `readRuleDirectory`. */
export async function lintDirectory(ctx: Context, directory: RuleDirectory): Promise<RuleFinding[]> {
  return (await checkedFiles(ctx.db, await readRuleDirectory(directory))).findings;
}

/** Everything questionable about the live book. Reads only. */
export async function lintLive(ctx: Context): Promise<RuleFinding[]> {
  return (await lint(ctx.db, await liveBook(ctx.db))).map((finding) => ({
    ...told(finding),
    file: null,
    line: null,
    column: null,
  }));
}

/**
 * The book that files say, if it can be applied. Reads only.
 * Throws UsageError `rules_invalid` with everything that is wrong, by file, line and column.
 */
export async function readBook(tx: Connection, files: readonly RuleFile[]): Promise<FiledVersion[]> {
  const { versions, findings } = await checkedFiles(tx, files);
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return versions;
  const lines = errors.map(
    ({ file, line, column, message, hint }) =>
      `${file}:${line}:${column} ${message}${hint === null ? '' : ` — ${hint}`}`,
  );
  const message =
    lines.length === 1 ? lines[0]! : `${lines.length} mistakes\n${lines.map((line) => `  ${line}`).join('\n')}`;
  throw new UsageError('rules_invalid', message, {
    hint: '`revshare rules lint` shows warnings too; nothing was changed',
    details: { mistakes: errors },
  });
}

async function checkedFiles(
  tx: Connection,
  files: readonly RuleFile[],
): Promise<{ versions: FiledVersion[]; findings: RuleFinding[] }> {
  const read = files.map(readRuleFile);
  const versions = read.flatMap((file) => file.versions);
  const findings = [
    ...read.flatMap(({ mistakes }) => mistakes.map(mistaken)),
    ...(await lint(tx, versions)).map((finding) => {
      const { version, key } = finding;
      return { ...told(finding), file: version.file, ...version.at(key) };
    }),
  ];
  const order = new Map(files.map(({ path }, index) => [path, index]));
  findings.sort((a, b) => order.get(a.file!)! - order.get(b.file!)! || a.line! - b.line! || a.column! - b.column!);
  return { versions, findings };
}

const mistaken = ({ code, message, hint, ...where }: FileMistake): RuleFinding => ({
  severity: 'error',
  ...where,
  rule: null,
  code,
  message,
  hint,
});

const told = ({ severity, code, message, hint, version }: Finding) => ({
  severity,
  rule: ruleOf(version),
  code,
  message,
  hint,
});

async function lint<V extends BookVersion>(tx: Connection, versions: readonly V[]): Promise<Finding<V>[]> {
  const accounts = versions.flatMap(({ scope }) => (scope.kind === 'account' ? [formatAccountCode(scope)] : []));
  return lintBook(versions, await ruleWorld(tx, [...new Set(accounts)]));
}
