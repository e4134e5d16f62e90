import { UsageError } from '../../../domain/errors.ts';
import { parseRate } from '../../../domain/rates.ts';
import { currencyChoices } from '../../choices.ts';
import type { Invocation } from '../../command.ts';
import type { Input } from '../../parameters.ts';
import type { termParameters } from './terms.ts';

type Terms = Input<typeof termParameters>;
type Answers = { -readonly [Term in keyof Terms]: Terms[Term] };

/** Asks what the rule is to say where nothing says it yet, and then for what that kind of rule wants and was not given. */
export async function askTerms<T extends Terms>(invocation: Invocation, given: T): Promise<T> {
  const asker = invocation.asker!;
  const kind = given.exclude ? 'exclude' : (kindSaid(given) ?? (await askKind(invocation)));
  if (kind === 'exclude') return { ...given, exclude: true };
  const wants = { percentage: kind !== 'flat' && kind !== 'tiered', flat: kind === 'flat' || kind === 'hybrid' };
  const text = async (message: string, check: (answer: string) => string | null = () => null) =>
    await asker.text({ message, check });

  const said: Answers & T = { ...given };
  if (wants.percentage) said.percentage ??= await text('Percentage (12.5%):', (answer) => complaint(answer, given));
  if (wants.flat) said.flat ??= await text('Amount per sale (5.00):');
  if (kind === 'tiered') {
    said.tiered ??= await text('Brackets (0:4%,200:6%,400:8%):');
    if (!said.marginal && !said.whole) {
      const mode = await asker.select({
        message: "What does a bracket's rate apply to?",
        choices: [
          { value: 'marginal', name: 'to what lies inside the bracket (marginal)' },
          { value: 'whole', name: 'to all of the window, trued up when it has closed (whole)' },
        ],
      });
      said.marginal = mode === 'marginal';
      said.whole = mode === 'whole';
    }
  }
  if (said.tiered !== undefined || said.capWindow !== undefined) {
    said.window ??= (await asker.select({
      message: 'Counted over:',
      choices: [{ value: 'month' }, { value: 'quarter' }, { value: 'year' }, { value: 'lifetime' }],
    })) as Terms['window'];
  }
  const namesAmount = [said.flat, said.tiered, said.minSale, said.capSale, said.capWindow].some(
    (amount) => amount !== undefined,
  );
  if (namesAmount && said.currency === undefined) {
    const choices = await currencyChoices(await invocation.context());
    said.currency = await asker.select({ message: 'Currency:', choices });
  }
  return said;
}

type Kind = 'percentage' | 'flat' | 'hybrid' | 'tiered';

function kindSaid({ percentage, flat, tiered, marginal, whole }: Terms): Kind | null {
  if (tiered !== undefined || marginal || whole) return 'tiered';
  if (percentage !== undefined) return flat === undefined ? 'percentage' : 'hybrid';
  return flat === undefined ? null : 'flat';
}

async function askKind(invocation: Invocation): Promise<Kind | 'exclude'> {
  return (await invocation.asker!.select({
    message: 'What does it say?',
    choices: [
      { value: 'percentage', name: 'a percentage' },
      { value: 'flat', name: 'a flat amount per sale' },
      { value: 'hybrid', name: 'a percentage and a flat amount per sale' },
      { value: 'tiered', name: 'rates that rise with what is sold (tiered)' },
      { value: 'exclude', name: 'nothing is earned (exclude)' },
    ],
  })) as Kind | 'exclude';
}

function complaint(answer: string, { allowOver100 }: Terms): string | null {
  try {
    parseRate(answer, { allowOver100 });
    return null;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
  }
}
