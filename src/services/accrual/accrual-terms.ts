import { loadRuleBook, settingAsKnown, type DatedSetting } from '../../db/queries/rule-book.ts';
import { periodBounds } from '../../db/queries/periods.ts';
import { payableOn, postingDate } from '../../domain/decision-dates.ts';
import { ruleBook, type RuleBook } from '../../domain/rating/rule-book.ts';
import { Timeline } from '../../domain/timeline.ts';
import type { Context } from '../context.ts';

/** What rating and dating read besides the events, loaded once, as known at the run's number. */
export interface AccrualTerms {
  readonly book: RuleBook;
  readonly dates: EntryDates;
}

export async function loadTerms(ctx: Context, knownSeq: number): Promise<AccrualTerms> {
  const content = await loadRuleBook(ctx.db, knownSeq);
  const { openFrom } = await periodBounds(ctx.db);
  const holds = await settingAsKnown(ctx.db, 'hold_days', knownSeq);
  return { book: ruleBook(content), dates: new EntryDates(openFrom, holdDaysBy(holds)) };
}

type HoldDays = (instanceId: number, date: string) => number;

/** An instance's own setting, else the programme's. */
function holdDaysBy(settings: readonly DatedSetting[]): HoldDays {
  const timelines = new Map<number | null, Timeline<number | null>>();
  for (const instanceId of new Set(settings.map((setting) => setting.instanceId))) {
    const versions = settings.filter((setting) => setting.instanceId === instanceId);
    timelines.set(
      instanceId,
      Timeline.of(
        versions.map(({ from, to, value }) => ({ from, to, value: value as number })),
        null,
        'hold_days',
      ),
    );
  }
  const programme = timelines.get(null);
  return (instanceId, date) => timelines.get(instanceId)?.at(date) ?? programme?.at(date) ?? 0;
}

/**
 * When entries post and may be paid. Events come in the order of their dates, so what one date means is worked out once,
 * for as long as that date lasts.
 */
export class EntryDates {
  readonly #openFrom: string | null;
  readonly #holdDays: HoldDays;
  #date = '';
  #postingDate = '';
  readonly #payableOn = new Map<number, string>();

  constructor(openFrom: string | null, holdDays: HoldDays) {
    this.#openFrom = openFrom;
    this.#holdDays = holdDays;
  }

  postingDate(occurredOn: string): string {
    this.#turnTo(occurredOn);
    return this.#postingDate;
  }

  /** A negative waits for nothing; what its sale's own positives wait for is looked up when it is netted (SEMANTICS §4). */
  payableOn(occurredOn: string, instanceId: number, amount: bigint): string {
    if (amount < 0n) {
      return occurredOn;
    }
    this.#turnTo(occurredOn);
    let date = this.#payableOn.get(instanceId);
    if (date === undefined) {
      date = payableOn(occurredOn, this.#holdDays(instanceId, occurredOn));
      this.#payableOn.set(instanceId, date);
    }
    return date;
  }

  #turnTo(date: string): void {
    if (date !== this.#date) {
      this.#date = date;
      this.#postingDate = postingDate(date, this.#openFrom);
      this.#payableOn.clear();
    }
  }
}
