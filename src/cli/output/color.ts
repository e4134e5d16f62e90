import { styleText } from 'node:util';
import type { ColorChoice } from '../../config.ts';
import type { Io } from '../io.ts';

type Format = Parameters<typeof styleText>[0];

/** Paints text, or leaves it alone. No meaning is ever carried by colour alone. */
export type Paint = (format: Format, text: string) => string;

/**
 * Whether and where to paint. `--color` decides when it says always or never; otherwise NO_COLOR, then FORCE_COLOR,
 * then whether the stream is a terminal (https://no-color.org, https://force-color.org).
 */
export function paintFor(
  stream: 'stdout' | 'stderr',
  choice: ColorChoice,
  env: Readonly<Record<string, string | undefined>>,
  io: Io,
): Paint {
  const isTTY = stream === 'stdout' ? io.stdoutIsTTY : io.stderrIsTTY;
  return wantsColor(choice, env, isTTY)
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_, text) => text;
}

export function wantsColor(
  choice: ColorChoice,
  env: Readonly<Record<string, string | undefined>>,
  isTTY: boolean,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return isTTY && env['TERM'] !== 'dumb';
}
