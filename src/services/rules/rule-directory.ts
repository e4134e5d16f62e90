import { mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { draftFile } from '../../files/publish.ts';
import { fileFailure } from '../../files/failures.ts';
import { isRuleFile, type RuleFile } from '../../formats/rule-files.ts';

/** A directory of rules and what messages call it: as it was typed. */
export interface RuleDirectory {
  readonly path: string;
  readonly called: string;
}

/**
 * Every TOML file under a directory, by path; what is hidden (`.git`) is passed over. Reads files only.
 * Throws UsageError `rules_directory_empty`, and as `fileFailure` says.
 */
export async function readRuleDirectory({ path, called }: RuleDirectory): Promise<RuleFile[]> {
  const files = await ruleFilesIn(path);
  if (files.length === 0) {
    throw new UsageError('rules_directory_empty', `there is no TOML file in ${called}`, {
      hint: `\`revshare rules export ${called}\` writes the rules as they are now`,
    });
  }
  return files;
}

/**
 * Makes a directory hold these files and no other rules. A file that is as it should be is left alone; one that was not
 * written by an export is never touched. Returns the paths that changed. Writes files.
 * Throws RefusedError `rules_directory_foreign`, and as `draftFile` does.
 */
export async function writeRuleDirectory(
  { path: directory, called }: RuleDirectory,
  files: readonly RuleFile[],
): Promise<{ readonly written: string[]; readonly removed: string[] }> {
  const there = new Map((await ruleFilesIn(directory)).map(({ path, text }) => [path, text]));
  const foreign = [...there].filter(([, text]) => !isRuleFile(text)).map(([path]) => path);
  if (foreign.length > 0) {
    throw new RefusedError(
      'rules_directory_foreign',
      `${called} holds TOML files that no export wrote: ${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''}`,
      { hint: 'choose a directory of its own for the rules' },
    );
  }
  const written: string[] = [];
  for (const { path, text } of files) {
    if (there.get(path) === text) continue;
    const target = join(directory, path);
    try {
      await mkdir(dirname(target), { recursive: true });
    } catch (error) {
      throw fileFailure(target, error);
    }
    const draft = await draftFile(target);
    try {
      await draft.write(Buffer.from(text));
      await draft.finish();
      await draft.publish();
    } finally {
      await draft.discard();
    }
    written.push(path);
  }
  const wanted = new Set(files.map(({ path }) => path));
  const removed = [...there.keys()].filter((path) => !wanted.has(path));
  for (const path of removed) await unlink(join(directory, path));
  return { written, removed };
}

async function ruleFilesIn(directory: string): Promise<RuleFile[]> {
  let names: string[];
  try {
    names = await readdir(directory, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fileFailure(directory, error);
  }
  const paths = names.filter((name) => name.endsWith('.toml') && !name.split(sep).some((part) => part.startsWith('.')));
  const files: RuleFile[] = [];
  for (const path of paths.sort()) {
    try {
      const text = await readFile(join(directory, path), 'utf8');
      files.push({ path: path.split(sep).join('/'), text });
    } catch (error) {
      throw fileFailure(join(directory, path), error);
    }
  }
  return files;
}
