/**
 * An array as Postgres writes it. Codes, numbers and dates only: nothing here needs quoting (currencies, tiers and enum
 * labels are held to letters, digits, _ and - by CHECK), and joining is several times faster than the driver's encoder.
 */
export function list(values: readonly (string | number | bigint | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
