/** A rule of the programme, for the examples of this noun. */
export const tenPercent = ['rule set --scope programme --percentage 10% --from 2026-01-01'];
