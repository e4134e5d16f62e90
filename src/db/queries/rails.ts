import { list } from '../arrays.ts';
import type { FileRailName, RailName } from '../../domain/rail-names.ts';
import type { Connection } from '../connection.ts';

export interface RailProfileRow {
  readonly id: number;
  readonly rail: RailName;
  readonly version: number;
  readonly profile: Readonly<Record<string, string>>;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** Versions of profiles, of one rail or all, the latest first. */
export async function railProfileRows(tx: Connection, rail: RailName | null): Promise<RailProfileRow[]> {
  return [
    ...(await tx.sql<RailProfileRow[]>`
      select id::int, rail, version, profile, created_by as "createdBy", recorded_at as "recordedAt" from rail_profiles
      where ${rail}::text is null or rail = ${rail} order by rail, version desc`),
  ];
}

/** Says what a rail's profile is from now on; nobody else changes it until the transaction ends. */
export async function insertRailProfile(
  tx: Connection,
  rail: RailName,
  profile: Readonly<Record<string, string>>,
): Promise<void> {
  await tx.sql`insert into rail_profiles (rail, profile) values (${rail}, ${JSON.stringify(profile)}::text::jsonb)`;
}

/** A file of a submission as it was written. */
export interface PayoutFileRow {
  readonly id: number;
  readonly postingId: number;
  readonly rail: FileRailName;
  readonly profileVersion: number;
  readonly profile: Readonly<Record<string, string>>;
  readonly currency: string;
  readonly part: number;
  readonly name: string;
  readonly payouts: number;
  /** Minor units. */
  readonly total: string;
  readonly sha256: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** The files of some submissions, in the order of their writing. */
export async function payoutFileRows(tx: Connection, postings: readonly number[]): Promise<PayoutFileRow[]> {
  return [
    ...(await tx.sql<PayoutFileRow[]>`
      select f.id::int, f.posting_id::int as "postingId", r.rail, r.version as "profileVersion", r.profile, f.currency, f.part, f.name,
        f.payouts, f.total_minor as total, f.sha256, f.facts, f.created_by as "createdBy", f.recorded_at as "recordedAt"
      from payout_files f join rail_profiles r on r.id = f.rail_profile_id
      where f.posting_id = any (${list(postings)}::bigint[]) order by f.id`),
  ];
}

export interface NewPayoutFile {
  readonly postingId: number;
  readonly profileId: number;
  readonly currency: string;
  readonly part: number;
  readonly name: string;
  readonly total: bigint;
  readonly sha256: string;
  readonly facts: Readonly<Record<string, string>>;
  /** By number. */
  readonly payouts: readonly string[];
}

export async function insertPayoutFile(tx: Connection, file: NewPayoutFile): Promise<void> {
  const [made] = await tx.sql<{ id: number }[]>`
    insert into payout_files (posting_id, rail_profile_id, currency, part, name, payouts, total_minor, sha256, facts)
    values (${file.postingId}, ${file.profileId}, ${file.currency}, ${file.part}, ${file.name}, ${file.payouts.length},
      ${String(file.total)}, ${file.sha256}, ${JSON.stringify(file.facts)}::text::jsonb)
    returning id::int`;
  await tx.sql`
    insert into payout_file_lines (payout_id, file_id)
    select p.id, ${made!.id} from payouts p where p.number = any (${list(file.payouts)}::text[])`;
}

/** How many submissions of this rail were written with that date of making: the next one's place among them. */
export async function submissionsOfDay(tx: Connection, rail: FileRailName, day: string): Promise<number> {
  // Two that submit at once would be called alike, and a bank refuses the second of two files of one name.
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || '.payout_files.' || ${rail}::text, 0))`;
  const [row] = await tx.sql<{ count: number }[]>`
    select count(distinct f.posting_id)::int as count from payout_files f join rail_profiles r on r.id = f.rail_profile_id
    where r.rail = ${rail} and f.facts ->> 'createdAt' like ${`${day}%`}`;
  return row!.count;
}
