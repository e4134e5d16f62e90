import { IntegrityError, RefusedError, RevshareError, UnavailableError } from '../domain/errors.ts';

export interface PostgresFailure {
  readonly code: string;
  /** FATAL ends the connection. */
  readonly severity: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** The function of the server's source that raised it. */
  readonly routine?: string;
  readonly constraint_name?: string;
  readonly table_name?: string;
}

/** Finds the server's own error under drizzle's wrapping, whose message would print the parameters of the query. */
export function postgresFailure(error: unknown): PostgresFailure | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    // not by the name of its class, of which a bundle makes a letter
    if ('severity' in at && 'routine' in at) {
      return at as unknown as PostgresFailure;
    }
  }
  return null;
}

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EACCES',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  // said by the server as it ends the session: shut down, crashed, starting up; idle for too long, in a transaction or not
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '25P03',
  '25P04',
]);

/** True when the connection itself failed or ended: what was asked may or may not have happened. */
export function isConnectionFailure(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'string' && (CONNECTION_CODES.has(code) || code.startsWith('08'))) {
      return true;
    }
  }
  return false;
}

// What our own triggers raise (drizzle/*.sql) and what each means for a script.
const OWN_CODES: Readonly<Record<string, string>> = {
  RV001: 'insert_only',
  RV002: 'out_of_order',
  RV003: 'period_closed',
  RV004: 'status_transition',
  RV005: 'slots_do_not_sum',
  RV006: 'sale_differs',
  RV007: 'version_live',
  RV008: 'lease_lost',
  RV009: 'entry_without_cause',
  RV010: 'transfer_joins_instances',
  RV011: 'posting_incomplete',
  RV012: 'not_reviewable',
  RV013: 'payout_differs',
  RV014: 'four_eyes',
  RV015: 'window_position',
  RV017: 'request_differs',
  RV018: 'hierarchy',
  RV019: 'not_payable',
  RV020: 'value_date',
  RV021: 'wallet_limit',
  RV022: 'books_begun',
  RV024: 'tier_without_cause',
  RV025: 'instrument',
  RV027: 'referral_refused',
  RV028: 'date_done',
  RV029: 'period_ahead',
  RV030: 'reconciliation_differs',
  RV031: 'statement_differs',
  RV032: 'period_busy',
  RV033: 'journal_refused',
  RV034: 'not_white_label',
  RV037: 'attempt',
  RV039: 'notice',
};

/** Turns a database error into one of ours; passes through what already is, or what we have no word for. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof RevshareError) {
    return error;
  }
  const failure = postgresFailure(error);
  if (failure !== null) {
    const hint = failure.hint === undefined ? {} : { hint: failure.hint };
    const own = OWN_CODES[failure.code];
    if (own === 'posting_incomplete') {
      return new IntegrityError(own, failure.message, { ...hint, cause: error });
    }
    if (own !== undefined) {
      return new RefusedError(own, failure.message, { ...hint, cause: error });
    }
    switch (failure.code) {
      case '23505':
        return new RefusedError(
          'already_exists',
          `this already exists in ${failure.table_name ?? 'the database'} (${failure.constraint_name ?? 'unique'})`,
          { cause: error },
        );
      case '23P01':
        return new RefusedError(
          'overlap',
          `this overlaps what is already in ${failure.table_name ?? 'the database'} (${failure.constraint_name ?? 'exclusion'})`,
          { cause: error },
        );
      case '23503':
        return new RefusedError('not_found', failure.message, { cause: error });
      case '23514':
        return new RefusedError('check_violated', failure.message, { cause: error });
      case '42501':
        return new RefusedError('no_rights', `this login may not do that: ${failure.message}`, {
          hint: 'ask for the operator role: `revshare db bootstrap --operator LOGIN`',
          cause: error,
        });
      case '53100':
        return new UnavailableError('disk_full', `the database server has no space left: ${failure.message}`, {
          hint: 'free space on its disk; nothing was half written',
          cause: error,
        });
      case '25006':
        return new UnavailableError('read_only', 'the database is read-only', {
          hint: 'connect to the primary',
          cause: error,
        });
      default:
        break;
    }
  }
  if (isConnectionFailure(error)) {
    return new UnavailableError('connection_lost', 'the connection to the database was lost', {
      hint: 'check `revshare db status` and run the command again',
      cause: error,
    });
  }
  return error;
}
