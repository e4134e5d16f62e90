import type { Connection } from '../../db/connection.ts';
import { insertProgramme, programmeRow, type ProgrammeRow } from '../../db/queries/programme.ts';
import { migrateProgramme } from '../../db/migrations.ts';
import { bootstrapStatements, parseProgrammeName, roleNames } from '../../db/roles.ts';
import { openDatabase } from '../../db/connection.ts';
import { isEmbedded, openOwner, retryConcurrentGrant, type Whereabouts } from '../../db/session.ts';
import { currency } from '../../domain/currencies.ts';
import { parseZone } from '../../domain/dates.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { parseDecimal } from '../../domain/money.ts';

export interface NewProgramme {
  readonly name: string;
  readonly title?: string | undefined;
  /** IANA zone; default UTC. Fixed for ever: it fixes every business date. */
  readonly zone?: string | undefined;
  /** Reporting currency, ISO 4217; default EUR. */
  readonly currency?: string | undefined;
  /** Days between an event's business date and the first date its commission may be paid; default 30. */
  readonly holdDays?: number | undefined;
  readonly approval?: 'at_decision' | 'after_hold' | 'review' | undefined;
  /** Smallest gross a payout may have, in the programme's currency; default 0. */
  readonly minimumPayout?: string | undefined;
}

export interface CreatedProgramme extends ProgrammeRow {
  readonly created: boolean;
  readonly migrations: readonly string[];
}

/**
 * Makes a programme: its roles (embedded server only; elsewhere an administrator bootstraps them first), its schema by
 * the migrations, its one row and its settings (SEMANTICS §1 defaults). Run again it changes nothing and says so;
 * with other terms it is refused, since zone and currency never change.
 *
 * Writes. As the owner: nobody else may make a schema. With `dryRun` it checks the words and makes nothing.
 */
export async function createProgramme(
  where: Whereabouts,
  input: NewProgramme,
  options: { dryRun: boolean },
): Promise<CreatedProgramme> {
  const name = parseProgrammeName(input.name);
  const terms = {
    name,
    title: input.title ?? name,
    zone: parseZone(input.zone ?? 'UTC'),
    currency: currency(input.currency ?? 'EUR').code,
  };
  const settings = programmeSettings(input, terms.currency);
  if (options.dryRun) {
    return {
      ...terms,
      created: true,
      migrations: [],
      createdBy: where.actor ?? where.osUser,
      recordedAt: null,
      settings,
    };
  }
  const owner = await openOwner(where);
  try {
    if (isEmbedded(where)) {
      const [database] = await owner.sql`select current_database() as name`;
      for (const statement of bootstrapStatements(database?.['name'] as string, name)) {
        await retryConcurrentGrant(() => owner.sql.unsafe(statement));
      }
    }
    const { applied } = await migrateProgramme(owner.sql, name);
    const inSchema = openDatabase({ ...owner.target, schema: name });
    try {
      return await inSchema.transaction(async (tx) => await describe(tx, terms, settings, input, applied));
    } finally {
      await inSchema.close();
    }
  } finally {
    await owner.close();
  }
}

async function describe(
  tx: Connection,
  terms: Pick<ProgrammeRow, 'name' | 'title' | 'zone' | 'currency'>,
  settings: Readonly<Record<string, unknown>>,
  input: NewProgramme,
  migrations: readonly string[],
): Promise<CreatedProgramme> {
  // The row belongs to the owner role, and two creators must not both find it missing.
  const [database] = await tx.sql`select current_database() as name`;
  await tx.sql.unsafe(`set local role "${roleNames(database?.['name'] as string, terms.name).owner}"`);
  await tx.sql`lock table programme in share row exclusive mode`;
  const existing = await programmeRow(tx);
  if (existing !== null) {
    const differs =
      (input.zone !== undefined && existing.zone !== terms.zone) ||
      (input.currency !== undefined && existing.currency !== terms.currency);
    if (differs) {
      throw new RefusedError(
        'programme_exists',
        `programme ${terms.name} exists with zone ${existing.zone} and currency ${existing.currency}, which never change`,
        {
          hint: 'leave out --zone and --currency, or create a programme of another name',
        },
      );
    }
    return { ...existing, created: false, migrations };
  }
  await insertProgramme(tx, terms, settings);
  const row = await programmeRow(tx);
  if (row === null) {
    throw new Error(`programme ${terms.name} vanished inside its own transaction`);
  }
  return { ...row, created: true, migrations };
}

function programmeSettings(input: NewProgramme, code: string): Record<string, unknown> {
  const holdDays = input.holdDays ?? 30;
  if (!Number.isInteger(holdDays) || holdDays < 0 || holdDays > 3650) {
    throw new UsageError('hold_days', `hold days must be a whole number from 0 to 3650, not ${String(input.holdDays)}`);
  }
  return {
    hold_days: holdDays,
    approval: input.approval ?? 'at_decision',
    minimum_payout: { currency: code, minor: Number(parseDecimal(input.minimumPayout ?? '0', code)) },
    recovery_share_ppm: 1_000_000,
    fx_max_age_days: 4,
  };
}
