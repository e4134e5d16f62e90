import { basename, dirname, join } from 'node:path';
import { DifferenceError } from '../../domain/errors.ts';
import { draftFile } from '../../files/publish.ts';
import type { Context } from '../context.ts';
import { publishWithManifest, type ExportedFile } from './export-file.ts';
import { readManifest } from './manifest.ts';
import { repeatStream, saidOtherwise } from './verify-export.ts';

/**
 * Makes the file of a manifest again, the same bytes whatever was paid, refunded or closed since: beside the manifest under
 * its own name, or at `out`. Published only when its hash, rows and sums are the manifest's.
 *
 * Reads the books only. Throws DifferenceError `export_differs`, RefusedError `other_books`, UsageError for no manifest.
 */
export async function repeatExport(ctx: Context, manifestPath: string, out: string | null): Promise<ExportedFile> {
  const manifest = await readManifest(manifestPath);
  const draft = await draftFile(out ?? join(dirname(manifestPath), manifest.file.name));
  try {
    const streamed = await repeatStream(ctx, manifest, async (block) => await draft.write(block));
    const written = await draft.finish();
    if (written.sha256 !== manifest.file.sha256) {
      throw new DifferenceError(
        'export_differs',
        `the books give ${streamed.rows} rows with hash ${written.sha256}; the manifest says ${manifest.rows} rows and ${manifest.file.sha256}`,
        {
          hint: '`revshare export verify FILE` names the first row that differs; `revshare doctor` examines the books',
        },
      );
    }
    // The manifest goes out again with the file, and must not carry a false word along.
    const otherwise = saidOtherwise(manifest, streamed);
    if (otherwise.length > 0) {
      throw new DifferenceError('export_differs', otherwise.join('; '), {
        hint: 'the manifest was altered after the export: find the one that was written, or export again',
      });
    }
    return await publishWithManifest(draft, {
      ...manifest,
      file: { ...manifest.file, ...written, name: basename(draft.path) },
    });
  } finally {
    await draft.discard();
  }
}
