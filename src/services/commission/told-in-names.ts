import { namePartners, nameRules, type EventDetail, type NamedRule } from '../../db/queries/commissions.ts';
import { fxRatesById } from '../../db/queries/fx.ts';
import { costOrigin } from '../../db/queries/subscription-costs.ts';
import { howFound } from '../../domain/fx.ts';
import { formatMinor } from '../../domain/money.ts';
import { mentionedIn, withNames } from '../../domain/rating/mentions.ts';
import type { TraceStep } from '../../domain/rating/model.ts';
import type { Context } from '../context.ts';

/**
 * The steps of a decision as people read them. Rating speaks in identities, because that is all it knows: here rules and
 * partners get their names, and what it took from elsewhere, a rate or a wholesale price, says where it came from.
 */
export async function tellInNames(ctx: Context, event: EventDetail, steps: readonly TraceStep[]): Promise<TraceStep[]> {
  const mentioned = new Set(steps.flatMap(({ text }) => mentionedIn(text)));
  const rules = new Map((await nameRules(ctx.db, [...mentioned])).map((rule) => [rule.versionId, rule]));
  const ruleCalled = (versionId: number, introduced: boolean): string => {
    const rule = rules.get(versionId);
    if (rule === undefined) return `version ${versionId} of a rule`;
    return introduced ? `rule ${rule.ruleId}, ${scopeOf(rule)}` : `rule ${rule.ruleId}`;
  };
  const partners = await namePartners(ctx.db);
  const whole = await withOrigins(ctx, event, steps);
  return whole.map((step) => {
    const rule = rules.get(step.facts['rule_version_id'] as number);
    const partner = partners.get(step.facts['partner_id'] as number);
    const text = withNames(step.text, ruleCalled);
    const why = step.facts['why'];
    return {
      ...step,
      text: partner === undefined ? text : `${partner}: ${text}`,
      facts: {
        ...step.facts,
        ...(typeof why === 'string' ? { why: withNames(why, ruleCalled) } : {}),
        ...(rule === undefined ? {} : { rule: rule.ruleId, rule_scope: scopeOf(rule) }),
        ...(partner === undefined ? {} : { partner }),
      },
    };
  });
}

/** With what the decision took from elsewhere told before it: the wholesale price of a margin, the rates of a conversion. */
async function withOrigins(ctx: Context, event: EventDetail, steps: readonly TraceStep[]): Promise<TraceStep[]> {
  const told: TraceStep[] = [];
  for (const step of steps) {
    if (step.step === 'base' && !told.some((one) => one.step === 'base')) told.push(...(await costSteps(ctx, event)));
    if (step.step === 'conversion') told.push(await rateStep(ctx, step));
    told.push(step);
  }
  return told;
}

/** Where the rate of a conversion comes from: the recorded rates that the entry froze with it. */
async function rateStep(ctx: Context, { leg, facts }: TraceStep): Promise<TraceStep> {
  const {
    from,
    to,
    fx_rate: rate,
    fx_rate_ids: ids,
  } = facts as Record<'from' | 'to' | 'fx_rate' | 'fx_rate_ids', string>;
  const rates = await fxRatesById(ctx.db, ids.split(',').map(Number));
  const how = howFound(from, rates);
  const way = rates.map((one) => `${one.base}/${one.quote}@${one.date} ${one.rate} (${one.source})`).join(', ');
  return {
    step: 'rate',
    leg,
    text: `${rate} ${to} for one ${from}: ${HOW_TEXT[how]} ${way}`,
    facts: { fx_rate: rate, fx_how: how, fx_from: way },
  };
}

const HOW_TEXT = { direct: 'as recorded,', inverse: 'turned around,', cross: 'crossed over' } as const;

const scopeOf = ({ scope, product }: NamedRule): string => (product === null ? scope : `${scope} product=${product}`);

/** Where the wholesale price came from that a margin was taken of; nothing where the event brought it, or nobody asked. */
async function costSteps(ctx: Context, event: EventDetail): Promise<TraceStep[]> {
  const origin = await costOrigin(ctx.db, event);
  if (origin === null) return [];
  const { subscription, quantity, knownSeq, wholesaleMinor, totalMinor } = origin;
  const price = formatMinor(BigInt(wholesaleMinor), event.currency);
  const total = formatMinor(BigInt(totalMinor), event.currency);
  const text = `${quantity} × ${price} of subscription ${subscription}, as known at change ${knownSeq}: ${total}`;
  return [{ step: 'wholesale', leg: null, text, facts: { subscription, quantity, price, total } }];
}
