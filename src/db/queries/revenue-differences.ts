/** SQL that tells two events apart, column by column, as `name old → new`. Only what differs is looked up and written. */

/** One column: whether it differs, and how its two sides read. */
export interface ComparedColumn {
  readonly name: string;
  readonly differs: string;
  readonly before: string;
  readonly now: string;
}

/** The differences as one text, '' when there are none. */
export function differencesOf(columns: readonly ComparedColumn[]): string {
  const told = columns.map(
    ({ name, differs, before, now }) => `case when ${differs} then '${name} ' || ${before} || ' → ' || ${now} end`,
  );
  return `concat_ws('; ', ${told.join(', ')})`;
}

/** A text or a name; null and '' are nothing. */
export function comparedText(name: string, before: string, now: string): ComparedColumn {
  const shown = (side: string) => `coalesce(nullif(left(${side}, 60), ''), '(none)')`;
  return { name, differs: `${before} is distinct from ${now}`, before: shown(before), now: shown(now) };
}

/** An amount in minor units or none, each side with the row that knows the decimals of its currency. */
export function comparedAmount(
  name: string,
  before: { readonly minor: string; readonly decimals: string; readonly currency: string },
  now: { readonly minor: string; readonly decimals: string; readonly currency: string },
): ComparedColumn {
  const shown = (side: typeof before) => `coalesce(${decimal(side.minor, side.decimals)}, '(none)')`;
  return {
    name,
    differs: `(${before.minor} is distinct from ${now.minor} or (${now.minor} is not null and ${before.currency} <> ${now.currency}))`,
    before: shown(before),
    now: shown(now),
  };
}

export function comparedNumber(name: string, before: string, now: string): ComparedColumn {
  const shown = (side: string) => `coalesce(${side}::text, '(none)')`;
  return {
    name,
    differs: `${before}::numeric is distinct from ${now}::numeric`,
    before: shown(before),
    now: shown(now),
  };
}

/** Instants, each an expression of milliseconds since 1970. */
export function comparedInstant(name: string, before: string, now: string): ComparedColumn {
  const shown = (ms: string) =>
    `to_char(timestamptz 'epoch' + ${ms} * interval '1 ms', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  return { name, differs: `${before} <> ${now}`, before: shown(before), now: shown(now) };
}

/** Minor units as a decimal. */
export function decimal(minor: string, decimals: string): string {
  return `round(${minor} / 10::numeric ^ ${decimals}, ${decimals})::text`;
}

/** The decimals of a currency, as an expression. */
export function decimalsOf(currency: string): string {
  return `(select c.minor_units from currencies c where c.code = ${currency})`;
}
