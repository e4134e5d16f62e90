import { readFile } from 'node:fs/promises';
import type { Connection } from '../../db/connection.ts';
import { firstProblems, type FoundProblem } from '../../db/queries/revenue-intake.ts';
import { UnavailableError, UsageError } from '../../domain/errors.ts';
import { readMapping, type Mapping } from '../../formats/mapping.ts';
import { describeProblems } from '../../formats/records.ts';
import type { RevenueLayout } from '../../formats/revenue-layout-names.ts';
import { readRevenueLayout } from '../../formats/revenue-layouts.ts';
import type { Context } from '../context.ts';
import { keepHeapSteady } from '../steady-heap.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { takeIn, type Intake } from './intake.ts';
import { rejectsFiles, writeRejects, type PendingRejects, type RejectsFiles } from './rejects.ts';
import { openRecordFile, stageFile, type FileFacts, type FileMapping, type RecordFile } from './stage-file.ts';

export interface ImportRequest {
  /** Paths. */
  readonly file: string;
  /** Of a mapping file; or what was read of one; or a built-in layout. */
  readonly map: string | Mapping | { readonly layout: RevenueLayout };
  /** What messages call the two; the paths unless told. */
  readonly labels?: { readonly file: string; readonly map: string };
  /** Adds accounts that do not exist, inside their instance. */
  readonly createAccounts?: boolean;
  /** Where records go that name no instance; they can be told apart later. */
  readonly defaultInstance?: string | undefined;
  /** Imports the good rows when others are rejected. */
  readonly partial?: boolean;
  /** Where the rejected records go with `partial`; beside the file unless told. */
  readonly rejectsFile?: string;
}

export interface Imported extends Intake {
  readonly source: string;
  readonly file: string;
  /** Where the rejected records went; null without any, and on a dry run. */
  readonly rejects: RejectsFiles | null;
  /** Records that are no money that arrived, by what a built-in layout says of them. */
  readonly passedOver: number;
  /** The first problems by line. */
  readonly problems: readonly FoundProblem[];
}

const SHOWN_PROBLEMS = 20;
const DETAILED_PROBLEMS = 1000;

/**
 * Imports a file of revenue events: all of it, or nothing, or with `partial` all good rows, the rejected ones copied to
 * a file that can be mended and imported. Which rows are rejected never depends on `partial`. Importing a file again
 * writes nothing. One transaction of `ctx.write`; progress in bytes. With rejected rows under `partial` the result has
 * `rejected > 0` and the command ends with exit code 6.
 * @throws UsageError `rows_rejected` (nothing was imported), `mapping_…`, `file_…`, `header_…`, `quote_unclosed`
 * @throws RefusedError `rejects_exist`, NotFoundError `instance_not_found` for the default
 */
export async function importRevenue(ctx: Context, request: ImportRequest): Promise<Imported> {
  keepHeapSteady();
  const { map } = request;
  const { defaultInstance = null } = request;
  const label = request.labels?.file ?? request.file;
  if (defaultInstance !== null) await findInstanceId(ctx.db, defaultInstance);
  const how = await fileMapping(map, request.labels?.map, defaultInstance);
  const { mapping } = how;
  const file = await openRecordFile(request.file, label, mapping.format);
  let rejects: PendingRejects | null = null;
  try {
    let problems: FoundProblem[] = [];
    let facts: FileFacts | null = null;
    const intake = await ctx.write((tx) =>
      takeIn(
        tx,
        { createAccounts: request.createAccounts ?? false },
        async (write) => {
          facts = await stageFile(ctx, file, how, write);
          return facts.staged;
        },
        async (inside, counts) => {
          if (request.partial !== true) throw await refusal(inside, file, counts);
          problems = await firstProblems(inside, SHOWN_PROBLEMS);
          if (!ctx.dryRun) {
            rejects = await writeRejects(inside, file, facts!.headerEnd, rejectsFiles(file, request.rejectsFile));
          }
        },
      ),
    );
    const published = rejects as PendingRejects | null;
    if (published !== null) await publish(published, intake);
    const { passedOver } = facts as unknown as FileFacts;
    return { ...intake, source: mapping.source, file: label, rejects: published?.files ?? null, passedOver, problems };
  } finally {
    await (rejects as PendingRejects | null)?.discard();
    await file.handle.close();
  }
}

/** The import is committed by now, so a failure here must not read as if it were not. */
async function publish(rejects: PendingRejects, intake: Intake): Promise<void> {
  try {
    await rejects.publish();
  } catch (cause) {
    const done = `${intake.new} events were imported`;
    throw new UnavailableError(
      'rejects_not_published',
      `${done}, but the rejected rows could not be written to ${rejects.files.records}`,
      {
        hint: 'import the same file again with --partial: what is in is known, what was rejected is rejected again',
        cause,
      },
    );
  }
}

async function fileMapping(
  map: ImportRequest['map'],
  told: string | undefined,
  defaultInstance: string | null,
): Promise<FileMapping> {
  if (typeof map === 'string') {
    const label = told ?? map;
    return { mapping: await loadMapping(map, label, defaultInstance), layout: null, label };
  }
  if (!('layout' in map)) return { mapping: map, layout: null, label: told ?? map.source };
  const layout = readRevenueLayout(map.layout, defaultInstance);
  return { mapping: layout.mapping, layout, label: `layout ${map.layout}` };
}

/** Reads the mapping file of an import. Throws UsageError `mapping_…`. */
export async function loadMapping(path: string, label: string, defaultInstance: string | null): Promise<Mapping> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const errno = (cause as NodeJS.ErrnoException).code;
    const what =
      errno === 'ENOENT' ? `there is no mapping file ${label}` : `cannot read the mapping file ${label} (${errno})`;
    throw new UsageError('mapping_not_readable', what, {
      hint: 'see `revshare revenue import --help` for a mapping file that works',
      cause,
    });
  }
  return readMapping(text, label, defaultInstance);
}

async function refusal(
  tx: Connection,
  file: RecordFile,
  counts: { readonly read: number; readonly known: number; readonly rejected: number },
): Promise<UsageError> {
  const problems = await firstProblems(tx, DETAILED_PROBLEMS);
  const told = describeProblems(file.label, problems, problems.length < DETAILED_PROBLEMS);
  const shown = told.slice(0, SHOWN_PROBLEMS).map((line) => `  ${line}`);
  const more = told.length > SHOWN_PROBLEMS ? ['  …'] : [];
  const rows = counts.read === 1 ? 'row' : 'rows';
  const message = `${counts.rejected} of ${counts.read} ${rows} cannot be imported, so nothing was`;
  return new UsageError('rows_rejected', [message, ...shown, ...more].join('\n'), {
    hint: 'mend the file, or import the good rows and set the others aside with --partial',
    details: { file: file.label, ...counts, problems },
  });
}
