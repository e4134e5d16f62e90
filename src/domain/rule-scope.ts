import { formatAccountCode, parseAccountCode } from './codes.ts';
import { UsageError } from './errors.ts';

/** Where a rule speaks, by the codes that people type. Source: SEMANTICS §3. */
export type RuleScope =
  | { readonly kind: 'programme' }
  | { readonly kind: 'tier' | 'partner' | 'instance'; readonly code: string }
  | { readonly kind: 'account'; readonly instance: string; readonly code: string };

/**
 * Reads a scope: `programme`, `tier=gold`, `partner=acme`, `instance=acme-uk` or `account=acme-uk/C-1042`.
 * @throws UsageError `scope_invalid`, `account_code_invalid`
 */
export function parseScope(text: string): RuleScope {
  const trimmed = text.trim();
  if (trimmed === 'programme') return { kind: 'programme' };
  const match = /^(tier|partner|instance|account)=(.+)$/.exec(trimmed);
  if (match === null) {
    throw new UsageError('scope_invalid', `'${trimmed.slice(0, 80)}' is no scope`, {
      hint: 'write programme, tier=X, partner=X, instance=X or account=INSTANCE/CODE',
    });
  }
  const [, kind, rest = ''] = match;
  if (kind === 'account') return { kind, ...parseAccountCode(rest) };
  return { kind: kind as 'tier' | 'partner' | 'instance', code: rest.trim() };
}

/** The scope as it is typed. */
export function formatScope(scope: RuleScope): string {
  if (scope.kind === 'programme') return scope.kind;
  return `${scope.kind}=${scope.kind === 'account' ? formatAccountCode(scope) : scope.code}`;
}
