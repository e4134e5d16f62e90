import { expect, test } from 'vitest';
import type { Connection, Database } from '../src/db/connection.ts';
import { postgresFailure } from '../src/db/failures.ts';
import { openBooks, ownerLogin, type Books } from './books.ts';
import type { TestDatabase } from './database.ts';

/**
 * Attacks on the schema by plain SQL. The database itself must refuse each of them, whoever tries: an operator with all
 * the rights of the tool, an auditor, a login without a role, and, where the rule binds the owner too, a login of the
 * owner's role. A refusal is named by its SQLSTATE, so that a misspelt attack does not pass for a repelled one.
 */
export interface Attack<Scene> {
  readonly what: string;
  readonly by: (tx: Connection, scene: Scene) => Promise<unknown>;
  readonly operator: string;
  /** Null where the rule does not bind the owner. */
  readonly owner: string | null;
}

/** `refused`: the SQLSTATE that stops operator and owner alike, or `[operator, owner]`. */
export function attack<Scene>(
  what: string,
  refused: string | readonly [string, string | null],
  by: Attack<Scene>['by'],
): Attack<Scene> {
  const [operator, owner] = typeof refused === 'string' ? [refused, refused] : refused;
  return { what, by, operator, owner };
}

export type Attacker = 'operator' | 'auditor' | 'stranger' | 'owner';

/** No rights on the schema look like there being nothing in it; named by its schema, the right is what is missing. */
const UNSEEN = ['42P01', '42883', '42704', '42501'];

export type Logins = Readonly<Record<Attacker, Database>>;

export async function attackers(database: TestDatabase): Promise<Logins> {
  return {
    operator: await database.as('tester'),
    auditor: await database.as('attacking_auditor', 'auditor'),
    stranger: await database.as('attacking_stranger', 'none'),
    owner: await ownerLogin(database, 'attacking_owner'),
  };
}

export interface BooksScene {
  readonly database: TestDatabase;
  readonly books: Books;
  readonly logins: Logins;
}

export async function openScene(database: TestDatabase): Promise<BooksScene> {
  const logins = await attackers(database);
  return { database, books: await openBooks(logins.operator), logins };
}

/** One test for each attack and attacker. */
export function repels<Scene extends { readonly logins: Logins }>(
  scene: () => Scene,
  attacks: readonly Attack<Scene>[],
): void {
  for (const { what, by, operator, owner } of attacks) {
    const expected: Record<Attacker, readonly string[] | null> = {
      operator: [operator],
      auditor: ['42501'],
      stranger: UNSEEN,
      owner: owner === null ? null : [owner],
    };
    for (const [who, states] of Object.entries(expected) as [Attacker, readonly string[] | null][]) {
      if (states === null) continue;
      test(`${who}: ${what}`, async () => {
        const here = scene();
        expect(states).toContain(await refusal(here.logins[who], async (tx) => await by(tx, here)));
      });
    }
  }
}

/** The SQLSTATE that stops the attack, at the latest at its commit, which is rolled back; 'nothing' where none does. */
export async function refusal(db: Database, attack: (tx: Connection) => Promise<unknown>): Promise<string> {
  const succeeded = new Error('the database let it through');
  try {
    await db.transaction(async (tx) => {
      await attack(tx);
      await tx.sql`set constraints all immediate`;
      throw succeeded;
    });
  } catch (error) {
    if (error === succeeded) return 'nothing';
    const failure = postgresFailure(error);
    if (failure === null) throw error;
    return failure.code;
  }
  return 'nothing';
}
