import { matching, oneOf, optional } from '../formats/fields.ts';

/** After it a file counts as handed in on the next banking day. */
export const CUTOFF_HOUR = optional(
  'cutoff_hour',
  'hour, in the programme’s zone, until which the bank takes a file in for the day (default 24: all day)',
  matching(/^(1?\d|2[0-4])$/, 'an hour from 0 to 24'),
);

/** Of a rail that calls a provider: whether that moves money. */
export const MODE = optional(
  'mode',
  'test or live; live moves money, and submitting wants --live (default test)',
  oneOf('test', 'live'),
);
