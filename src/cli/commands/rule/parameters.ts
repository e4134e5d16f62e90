import { parseScope, type RuleScope } from '../../../domain/rule-scope.ts';
import { instanceChoices, partnerChoices, tierChoices } from '../../choices.ts';
import type { Invocation } from '../../command.ts';
import { option, requiredOption, wholeNumber } from '../../parameters.ts';

const SCOPES = 'programme, tier=X, partner=X, instance=X or account=INSTANCE/CODE';

export const scopeParameter = () =>
  requiredOption('--scope <scope>', SCOPES, { read: parseScope, ask: { message: `Scope (${SCOPES}):` } });

export const overrideParameter = () =>
  option('--override <level>', 'of the n-th partner above the one who earns: 1 is its parent', {
    read: wholeNumber('--override', 1, 15),
  });

/** Asks for a scope step by step: first what kind, then which one. */
export async function askScope(invocation: Invocation): Promise<RuleScope> {
  const asker = invocation.asker!;
  const kind = await asker.select({
    message: 'For whom does it hold?',
    choices: [
      { value: 'programme', name: 'the whole programme' },
      { value: 'tier', name: 'a tier of partners' },
      { value: 'partner', name: 'one partner' },
      { value: 'instance', name: 'one instance' },
      { value: 'account', name: 'one account of an instance' },
    ],
  });
  if (kind === 'programme') return { kind };
  const ctx = await invocation.context();
  const among = { tier: tierChoices, partner: partnerChoices, instance: instanceChoices }[kind];
  const choices = among === undefined ? [] : await among(ctx);
  const code =
    choices.length > 0
      ? await asker.select({ message: `Which ${kind}?`, choices })
      : await asker.text({
          message: kind === 'account' ? 'Which account (INSTANCE/CODE)?' : `Which ${kind}?`,
          check: () => null,
        });
  return parseScope(`${kind}=${code}`);
}
