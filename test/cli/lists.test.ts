import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listCommand } from '../../src/cli/listing.ts';
import { columnsOf } from '../../src/cli/output/columns.ts';
import type { Invocation } from '../../src/cli/command.ts';
import type { DateWindow } from '../../src/cli/date-window.ts';
import { testClock, testDatabase, type TestDatabase } from '../database.ts';
import { shell } from './terminal.ts';

let database: TestDatabase;
let type: ReturnType<typeof shell>;
beforeAll(async () => {
  database = await testDatabase();
  type = shell(database);
  const { sql } = database.admin();
  await sql`insert into tenants (code, name) select 't' || lpad(n::text, 3, '0'), 'Tenant ' || n from generate_series(1, 130) n`;
});
afterAll(async () => {
  await database.drop();
});

const codes = (stdout: string) => stdout.trimEnd().split('\n');

describe('pages', () => {
  test('the first hundred by default, and a note that there are more', async () => {
    const { stdout, stderr } = await type('tenant list -o id');
    expect(codes(stdout)).toHaveLength(100);
    expect(stderr).toBe('showing 100 of more; --offset 100 shows the next\n');
  });

  test('the rest by --offset, without a note', async () => {
    const { stdout, stderr } = await type('tenant list -o id --offset 100 --limit 30');
    expect(codes(stdout)).toEqual(Array.from({ length: 30 }, (_, n) => `t${n + 101}`));
    expect(stderr).toBe('');
  });

  test('the note counts from where the page began, and --quiet leaves it out', async () => {
    expect((await type('tenant list --limit 7 --offset 14')).stderr).toContain('showing 7 of more; --offset 21');
    expect((await type('tenant list --limit 7 --quiet')).stderr).toBe('');
    expect(codes((await type('tenant list --limit 500 -o id')).stdout)).toHaveLength(130);
  });

  test('beyond the end there is nothing', async () => {
    expect((await type('tenant list --offset 1000 --json')).stdout).toBe('[]\n');
  });
});

test('an empty list tells a terminal what to do, and a pipe nothing', async () => {
  const terminal = await type('partner list', { tty: 80 });
  expect([terminal.stdout, terminal.stderr]).toEqual([
    '',
    expect.stringContaining('no partners; `revshare partner create'),
  ]);
  expect(await type('partner list')).toEqual({ code: 0, stdout: '', stderr: '' });
});

describe('dates', () => {
  /** Runs a dated list and returns the window its query was given, and what was noted. */
  async function windowOf(
    input: Record<string, string>,
    zone = 'UTC',
  ): Promise<{ window: DateWindow; notes: string[] }> {
    let window: DateWindow | null = null;
    const notes: string[] = [];
    const list = listCommand({
      noun: 'event',
      plural: 'events',
      columns: [columnsOf<never>().code('code', () => null)],
      id: () => '',
      filters: {},
      dated: 'business date',
      query: async (_ctx, _filter, _page, asked) => {
        window = asked;
        return [];
      },
      examples: [],
    });
    const read = Object.fromEntries(
      Object.entries(input).map(([key, text]) => [key, list.parameters[key]!.read(text)]),
    );
    const invocation = {
      context: async () => ({ zone, clock: testClock(Date.UTC(2026, 10, 1, 2)) }),
      note: async (text: string) => void notes.push(text),
      print: { format: 'json', out: { write: async () => {} } },
      host: { io: {} },
    };
    await list.run(invocation as unknown as Invocation, read);
    return { window: window!, notes };
  }

  test.each([
    ['2026-10', '2026-10-01', '2026-11-01'],
    ['2026-Q4', '2026-10-01', '2027-01-01'],
    ['2026-10-01..2026-10-31', '2026-10-01', '2026-11-01'],
    ['last-month', '2026-10-01', '2026-11-01'],
  ])('--period %s is resolved and said back with the zone', async (period, from, to) => {
    const { window, notes } = await windowOf({ period });
    expect(window).toMatchObject({ from, to });
    expect(notes[0]).toContain(`${from} up to, not including, ${to} (UTC)`);
  });

  test("last month is the programme's, not UTC's", async () => {
    expect((await windowOf({ period: 'last-month' }, 'America/New_York')).window).toMatchObject({
      from: '2026-09-01',
      to: '2026-10-01',
    });
  });

  test('--from and --to are half-open, and --to is said back', async () => {
    const { window, notes } = await windowOf({ from: '2026-10-01', to: '2026-10-31' });
    expect(window).toEqual({ from: '2026-10-01', to: '2026-10-31' });
    expect(notes).toEqual(['dates: 2026-10-01 up to, not including, 2026-10-31 (UTC)']);
    expect((await windowOf({ from: '2026-10-01' })).notes).toEqual([]);
  });

  test('contradictions are refused', async () => {
    await expect(windowOf({ from: '2026-10-01', period: '2026-10' })).rejects.toMatchObject({ code: 'period_twice' });
    await expect(windowOf({ from: '2026-10-01', to: '2026-10-01' })).rejects.toMatchObject({ code: 'window_empty' });
    await expect(windowOf({ period: 'someday' })).rejects.toMatchObject({ code: 'period_invalid' });
  });
});
