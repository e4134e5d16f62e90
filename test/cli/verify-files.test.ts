import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statementStage } from './statement-story.ts';

// `export verify` of what accountants have in hand: files of statements and journals, which have no manifest.
let stage: Awaited<ReturnType<typeof statementStage>>;
beforeAll(async () => {
  stage = await statementStage();
  for (const period of ['2026-09', '2026-10']) await typed(`statement generate --all --period ${period}`);
  for (const format of ['csv', 'json', 'pdf']) await typed(`statement files 2 --out . --format ${format}`);
  mkdirSync(at('letter'));
  await typed('statement files 2 --out letter --format pdf --paper letter');
});
afterAll(async () => await stage.leave());

const at = (name: string) => join(stage.cwd, name);
async function typed(line: string): Promise<void> {
  const { code, stderr } = await stage.type(line);
  expect(code, `${line}\n${stderr}`).toBe(0);
}
async function verified(name: string) {
  const { code, stdout, stderr } = await stage.type(`export verify ${name} --json`);
  const found = (stdout === '' ? {} : JSON.parse(stdout)) as Record<string, unknown>;
  return { code, ...found, error: stderr === '' ? null : (JSON.parse(stderr) as { error: unknown }).error };
}
const altered = (name: string, from: string, to: string) => {
  mkdirSync(at('altered'), { recursive: true });
  const text = readFileSync(at(name), 'latin1');
  expect(text).toContain(from);
  writeFileSync(at(`altered/${name}`), text.replace(from, to), 'latin1');
  return `altered/${name}`;
};

const FILES = [
  'ST000002-acme-EUR.csv',
  'ST000002-acme-EUR.json',
  'ST000002-acme-EUR.pdf',
  'letter/ST000002-acme-EUR.pdf',
];
const asIssued = { code: 0, of: 'statement ST000002', whole: true, repeatable: true, findings: [], error: null };

describe('a statement’s file', () => {
  it.each(FILES)('is proved: %s', async (name) => {
    const sha256 = createHash('sha256')
      .update(readFileSync(at(name)))
      .digest('hex');
    expect(await verified(name)).toMatchObject({ ...asIssued, sha256, notes: [] });
  });

  it('is known by what it says, and as CSV by its name alone', async () => {
    for (const ending of ['json', 'pdf']) {
      copyFileSync(at(`ST000002-acme-EUR.${ending}`), at(`october.${ending}`));
      expect(await verified(`october.${ending}`)).toMatchObject(asIssued);
    }
    copyFileSync(at('ST000002-acme-EUR.csv'), at('october.csv'));
    expect(await verified('october.csv')).toMatchObject({
      code: 2,
      error: { code: 'file_unknown', hint: expect.stringContaining('A statement as CSV is known by its name') },
    });
  });

  it('that was altered is told, by its row where it has rows', async () => {
    expect(await verified(altered('ST000002-acme-EUR.csv', ',50.00,EUR', ',90.00,EUR'))).toMatchObject({
      code: 7,
      ...{ whole: false, first_different_row: 2, in_file: expect.stringContaining('90.00') },
      in_books: expect.stringContaining('50.00'),
      error: {
        code: 'export_differs',
        message: 'it is not what ST000002 says as CSV; they part at row 2',
        hint: '`revshare statement files ST000002 --format csv --out DIRECTORY` writes it, `statement verify ST000002` proves what it says',
      },
    });
    expect(await verified(altered('ST000002-acme-EUR.json', '"closing": "81.08"', '"closing": "91.08"'))).toMatchObject(
      {
        code: 7,
        in_file: expect.stringContaining('91.08'),
      },
    );
    expect(await verified(altered('ST000002-acme-EUR.pdf', '%%EOF', '%%eof'))).toMatchObject({ code: 7, whole: false });
  });

  it('is proved, too, once its months are closed or it is void, which is told', async () => {
    for (const period of ['2026-09', '2026-10']) await typed(`period close ${period} --confirm ${period}`);
    const before = 'it was written before its months were closed';
    expect(await verified('ST000002-acme-EUR.pdf')).toMatchObject({ ...asIssued, notes: [before] });
    await typed('statement files 2 --out letter --format pdf');
    expect(await verified('letter/ST000002-acme-EUR.pdf')).toMatchObject({ ...asIssued, notes: [] });
    await typed('statement void 2 --reason "a test" --confirm ST000002');
    expect(await verified('letter/ST000002-acme-EUR.pdf')).toMatchObject({ ...asIssued, notes: ['it is void'] });
    expect(await verified('ST000002-acme-EUR.pdf')).toMatchObject({ ...asIssued, notes: ['it is void', before] });
    expect(await verified('ST000002-acme-EUR.csv')).toMatchObject({ ...asIssued, notes: ['it is void'] });
  });

  it('of a number that there is not is refused', async () => {
    copyFileSync(at('ST000002-acme-EUR.csv'), at('ST000099-acme-EUR.csv'));
    expect(await verified('ST000099-acme-EUR.csv')).toMatchObject({ code: 3, error: { code: 'statement_not_found' } });
  });
});

describe('a journal’s file', () => {
  it('is proved under any name, also once it is taken back; and is not what was altered', async () => {
    await typed('journal export --period 2026-09 --format hledger --out september.journal');
    copyFileSync(at('september.journal'), at('theirs.txt'));
    const proved = { code: 0, of: 'journal J000001', whole: true, repeatable: true, findings: [] };
    expect(await verified('theirs.txt')).toMatchObject({ ...proved, notes: [] });
    expect(await verified(altered('september.journal', '20.00', '30.00'))).toMatchObject({
      ...{ code: 7, of: 'journal J000001', whole: false, repeatable: true },
      error: {
        message: expect.stringMatching(
          /^it is not the file of J000001, though it speaks of it: that has the hash [0-9a-f]{64}$/,
        ),
      },
    });
    await typed('journal reverse J000001 --reason "other accounts" --out back.journal --confirm J000001');
    expect(await verified('theirs.txt')).toMatchObject({ ...proved, notes: ['it was taken back by J000002'] });
    expect(await verified('back.journal')).toMatchObject({ ...proved, of: 'journal J000002' });
  });
});

describe('another file', () => {
  it('is proved by nothing', async () => {
    writeFileSync(at('notes.txt'), 'buy milk\n');
    expect(await verified('notes.txt')).toMatchObject({ code: 2, error: { code: 'file_unknown' } });
    expect(await verified('nowhere.csv')).toMatchObject({ code: 2, error: { code: 'file_not_found' } });
  });
});
