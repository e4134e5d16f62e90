import { writeRuleFiles } from '../../formats/rule-files.ts';
import type { Context } from '../context.ts';
import { liveBook } from './live-book.ts';
import { writeRuleDirectory, type RuleDirectory } from './rule-directory.ts';

export interface ExportedRules {
  readonly directory: string;
  readonly rules: number;
  readonly files: number;
  /** Paths that were not so already. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Writes the live rule book as TOML files; read again they say exactly the same. Reads the books only.
 * Throws as `writeRuleDirectory`.
 */
export async function exportRules(ctx: Context, directory: RuleDirectory): Promise<ExportedRules> {
  const versions = await liveBook(ctx.db);
  const files = writeRuleFiles(versions);
  const done = await writeRuleDirectory(directory, files);
  const rules = new Set(versions.map(({ rule }) => rule)).size;
  return { directory: directory.called, rules, files: files.length, ...done };
}
