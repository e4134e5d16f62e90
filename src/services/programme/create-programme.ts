import { quoteIdentifier, type Connection } from '../../db/connection.ts';
import { EMBEDDED_DATABASE } from '../../db/embedded/endpoint.ts';
import { insertProgramme, programmeRow, type ProgrammeRow } from '../../db/queries/programme.ts';
import { migrateProgramme } from '../../db/migrations.ts';
import { bootstrapStatements, parseProgrammeName, roleNames } from '../../db/roles.ts';
import { isEmbedded, openOwner, type Whereabouts } from '../../db/session.ts';
import { currency } from '../../domain/currencies.ts';
import { parseZone } from '../../domain/dates.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { parseDecimal } from '../../domain/money.ts';
import { DEFAULT_TIER_POLICY } from '../../domain/tiers/evaluate.ts';

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
 * Writes. As the owner: nobody else may make a schema. With `dryRun` the same transaction is
 * rolled back.
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
  const owner = await openOwner(where);
  try {
    return await owner.transaction(async (tx) => {
      if (isEmbedded(where)) {
        // Roles are rows that all creators share, and two writers of one would fail instead of waiting.
        await tx.sql`select pg_advisory_xact_lock(hashtextextended('revshare.bootstrap', 0))`;
        for (const statement of bootstrapStatements(EMBEDDED_DATABASE, name)) {
          await tx.sql.unsafe(statement);
        }
      }
      const { applied } = await migrateProgramme(tx, name);
      const created = await describe(tx, terms, settings, input, applied);
      if (options.dryRun) {
        throw new DryRun(created);
      }
      return created;
    });
  } catch (error) {
    if (error instanceof DryRun) {
      return error.created;
    }
    throw error;
  } finally {
    await owner.close();
  }
}

/** Rolls the real transaction back and carries out what it would have made. */
class DryRun extends Error {
  readonly created: CreatedProgramme;
  constructor(created: CreatedProgramme) {
    super('rolled back on purpose');
    this.created = created;
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
  await tx.sql.unsafe(`set local role ${quoteIdentifier(roleNames(database?.['name'] as string, terms.name).owner)}`);
  await tx.sql.unsafe(`set local search_path = ${quoteIdentifier(terms.name)}, pg_temp`);
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
    instrument_cooloff_days: 3,
    fx_max_age_days: 4,
    partner_levels: 1,
    tier_mode: DEFAULT_TIER_POLICY.mode,
    tier_window: DEFAULT_TIER_POLICY.months,
    tier_grace: DEFAULT_TIER_POLICY.grace,
    tier_tenure_months: DEFAULT_TIER_POLICY.tenureMonths,
  };
}
