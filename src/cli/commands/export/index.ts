import { DifferenceError } from '../../../domain/errors.ts';
import type { ExportedFile } from '../../../services/export/export-file.ts';
import type { FileProof } from '../../../services/export/file-proof.ts';
import { repeatExport } from '../../../services/export/repeat-export.ts';
import { describeSchema, type DescribedColumn } from '../../../services/export/schemas.ts';
import { verifyExport, verifyExportFile, type ExportVerification } from '../../../services/export/verify-export.ts';
import { hasManifest, verifyIssuedFile } from '../../../services/export/verify-issued-file.ts';
import { command, type Command, type Example, type Invocation } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList, printRow } from '../../output/printer.ts';
import { argument, flag, option, wholeNumber } from '../../parameters.ts';
import { ACCRUAL, ONE_PAYMENT } from '../../example-books.ts';

const afterExport = (line: string): Example => ({
  command: line,
  setup: [...ONE_PAYMENT, ACCRUAL, 'earnings export --period 2026-10 --out october.csv'],
});

interface VerifiedFile extends FileProof {
  readonly file: string;
  /** Of an export. */
  readonly rows: number | null;
  /** Of an export as its manifest says, otherwise of the file as it is. */
  readonly sha256: string;
}

const afterStatement = (line: string): Example => ({
  command: line,
  setup: [
    ...[...ONE_PAYMENT, ACCRUAL, 'statement generate --all --period 2026-10'],
    'statement files --period 2026-10 --format pdf --out .',
  ],
});

const v = columnsOf<VerifiedFile>();
const verify = command({
  verb: 'verify',
  summary: 'prove a file handed out: an export, a statement, an invoice, a journal',
  description:
    'An export: compares the file with the hash in FILE.manifest.json, then runs the export again as of the manifest’s moment ' +
    'and compares byte by byte: the first row that differs is named. Rows, sums and zone of the manifest are proved, too; who ' +
    'made it nothing records, and that is said. A statement (PDF, CSV, JSON), an invoice (PDF): writes it again and compares; a ' +
    'CSV is known by its name, ST000042-PARTNER-EUR.csv. A journal: by the hash that was recorded as it was handed over, and by writing it ' +
    'again. Exit code 7 where anything differs. --manifest-only is of exports, and needs no database.',
  parameters: {
    file: argument('FILE', 'the file; the manifest of an export stands beside it'),
    manifestOnly: flag('--manifest-only', 'against the manifest alone, without the books'),
  },
  examples: [
    afterExport('export verify october.csv'),
    afterExport('export verify october.csv --manifest-only'),
    afterStatement('export verify ST000001-acme-EUR.pdf'),
  ],
  async run(invocation, { file, manifestOnly }) {
    const path = invocation.path(file);
    const found = await proofOf(invocation, path, manifestOnly);
    await printRow(
      invocation.print,
      [
        v.text('file', (row) => row.file),
        v.text('of', (row) => row.of),
        v.flag('whole', (row) => row.whole),
        v.flag('repeatable', (row) => row.repeatable),
        v.number('rows', (row) => row.rows),
        v.code('as_of', (row) => row.asOf),
        v.code('sha256', (row) => row.sha256),
        v.text('findings', (row) => row.findings),
        v.text('not_proved', (row) => row.unproved),
        v.text('notes', (row) => row.notes),
        v.number('first_different_row', (row) => row.difference?.row),
        v.text('in_file', (row) => row.difference?.inFile),
        v.text('in_books', (row) => row.difference?.inBooks),
      ],
      found,
      (row) => row.file,
    );
    if (found.findings.length > 0) {
      const { difference } = found;
      const where = difference === null ? '' : `; they part at row ${difference.row}`;
      throw new DifferenceError('export_differs', `${found.findings.join('; ')}${where}`, { hint: found.remedy });
    }
  },
});

const PAPERS = ['a4', 'letter'] as const;

/** An export by its manifest; whatever has none, by the books alone. */
async function proofOf(invocation: Invocation, path: string, manifestOnly: boolean): Promise<VerifiedFile> {
  if (!manifestOnly && !hasManifest(path)) {
    const proof = await verifyIssuedFile(await invocation.context(), path, {
      async statements(format) {
        const { statementWriter } = await import('../../statement-writer.ts');
        if (format !== 'pdf') return [await statementWriter(invocation, { format })];
        return await Promise.all(PAPERS.map((paper) => statementWriter(invocation, { format, paper })));
      },
      async invoices() {
        const { invoicePrinter } = await import('../../invoice-printer.ts');
        return await Promise.all(PAPERS.map((paper) => invoicePrinter(invocation, paper)));
      },
    });
    return { ...proof, file: path, rows: null };
  }
  const found = manifestOnly ? await verifyExportFile(path) : await verifyExport(await invocation.context(), path);
  const { schema, as_of: asOf, rows, file } = found.manifest;
  const proof = { of: `${schema.name} export`, asOf: asOf.instant, remedy: hintOf(found), notes: [] };
  return { ...found, ...proof, rows, sha256: file.sha256 };
}

/** Of file, manifest and books two agree, and the third is the one to look at. */
function hintOf({ file, whole, repeatable }: ExportVerification): string {
  if (!whole) return `\`revshare export repeat ${file}.manifest.json --out FILE\` makes the file as it was`;
  return repeatable === true
    ? 'the file is what the books give, and the manifest says otherwise: the manifest was altered'
    : 'the file is as it was written and the books are not: run `revshare doctor`';
}

const e = columnsOf<ExportedFile>();
const repeat = command({
  verb: 'repeat',
  summary: 'make the file of a manifest again, the same bytes',
  description:
    'Whatever was decided, reviewed, paid or closed since: the export is a function of its filter and its moment. ' +
    'Written only when its hash is the manifest’s, beside the manifest under its own name or to --out.',
  parameters: {
    manifest: argument('MANIFEST', 'the FILE.manifest.json of an export'),
    out: option('--out <file>', 'another place for the file'),
  },
  examples: [
    afterExport('export repeat october.csv.manifest.json'),
    afterExport('export repeat october.csv.manifest.json --out again.csv'),
  ],
  async run(invocation, { manifest, out }) {
    const ctx = await invocation.context();
    const exported = await repeatExport(
      ctx,
      invocation.path(manifest),
      out === undefined ? null : invocation.path(out),
    );
    await printRow(
      invocation.print,
      [
        e.text('file', (row) => row.path),
        e.text('manifest', (row) => row.manifestPath),
        e.number('rows', (row) => row.manifest.rows),
        e.code('sha256', (row) => row.manifest.file.sha256),
      ],
      exported,
      (row) => row.path,
    );
  },
});

const s = columnsOf<DescribedColumn>();
const schema = command({
  verb: 'schema',
  summary: 'the columns that an export promises, with their meaning and SQL',
  parameters: {
    name: argument('NAME', 'the export, for instance earnings'),
    version: option('--schema-version <n>', 'a version; default the latest', {
      read: wholeNumber('--schema-version', 1, 1_000),
    }),
  },
  examples: [{ command: 'export schema earnings', on: 'nothing' }],
  async run(invocation, { name, version }) {
    await printList(
      invocation.print,
      [
        s.number('place', (row) => row.place),
        s.code('column', (row) => row.name),
        s.code('kind', (row) => row.kind),
        s.text('meaning', (row) => row.meaning),
        s.text('sql', (row) => row.sql, { detail: true }),
        s.number('version', (row) => row.version, { detail: true }),
      ],
      describeSchema(name, version ?? null),
      (row) => row.name,
    );
  },
});

export const commands: readonly Command[] = [verify, repeat, schema];
