import { basename } from 'node:path';
import { draftFile, type Draft, type WrittenFile } from '../../files/publish.ts';
import type { Context } from '../context.ts';
import { manifestPathOf, manifestText, type ExportManifest } from './manifest.ts';
import { streamExport, type ExportRecipe, type StreamedExport } from './stream-export.ts';

export interface ExportedFile {
  readonly path: string;
  readonly manifestPath: string;
  readonly manifest: ExportManifest;
}

/** Who makes an export, for its manifest: '0.1.0'. */
export interface ExportTool {
  readonly version: string;
}

/**
 * Writes an export to a file and its manifest beside it. Both are whole and on the disk before either gets its name; the
 * manifest is named first, so that whoever waits for the file finds its manifest, and a process killed between the two
 * leaves a manifest that `export repeat` turns into its file. Until then the old file, or none, is what is there.
 *
 * Reads the books only. Throws as `streamExport` and `draftFile` do.
 */
export async function exportToFile(
  ctx: Context,
  recipe: ExportRecipe,
  out: string,
  tool: ExportTool,
): Promise<ExportedFile> {
  const draft = await draftFile(out);
  try {
    const streamed = await streamExport(ctx, recipe, async (block) => await draft.write(block));
    const written = await draft.finish();
    const manifest = manifestOf(ctx, recipe, streamed, { ...written, name: basename(draft.path) }, tool);
    return await publishWithManifest(draft, manifest);
  } finally {
    await draft.discard();
  }
}

/** Names a finished draft and its manifest. */
export async function publishWithManifest(draft: Draft, manifest: ExportManifest): Promise<ExportedFile> {
  const manifestPath = manifestPathOf(draft.path);
  const beside = await draftFile(manifestPath);
  try {
    await beside.write(Buffer.from(manifestText(manifest), 'utf8'));
    await beside.finish();
    await beside.publish();
    await draft.publish();
  } finally {
    await beside.discard();
  }
  return { path: draft.path, manifestPath, manifest };
}

export function manifestOf(
  ctx: Context,
  { schema, format, dialect, filter }: ExportRecipe,
  streamed: StreamedExport,
  file: WrittenFile & { readonly name: string },
  tool: ExportTool,
): ExportManifest {
  const { period, ...selection } = filter;
  const { label, from, to } = period;
  return {
    manifest: 'revshare-export/1',
    schema: { name: schema.name, version: schema.version },
    format,
    dialect: { ...dialect },
    file: { name: file.name, bytes: file.bytes, sha256: file.sha256 },
    books: { programme: ctx.programme, founded: streamed.founded },
    filter: { period: { label, from, to, zone: ctx.zone }, ...selection },
    as_of: { instant: streamed.asOf.instant, snapshot: streamed.asOf.snapshot },
    facts: { ...streamed.facts },
    rule_book: streamed.ruleBook,
    rows: streamed.rows,
    sums: streamed.sums.map((sum) => ({ ...sum })),
    made: { by: ctx.actor, at: streamed.madeAt, tool: tool.version, server: streamed.serverVersion },
  };
}
