import type { StatementMonth } from '../../domain/statement.ts';
import type { Canvas } from './canvas.ts';
import { FAINT, RULE } from './ink.ts';
import { amountText, monthText } from './words.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const LABEL = { size: 5.5, colour: FAINT };
const LABEL_ROOM = 9;

/** Twelve months side by side: up what was earned, down what was taken back of it; the last one is the statement's. */
export function drawChart(
  canvas: Canvas,
  months: readonly StatementMonth[],
  currency: string,
  { x, y, width, height }: Box,
  colour: string,
): void {
  const earned = months.map((month) => BigInt(month.earned));
  const top = earned.reduce((most, one) => (one > most ? one : most), 0n);
  const low = earned.reduce((least, one) => (one < least ? one : least), 0n);
  const room = height - 2 * LABEL_ROOM;
  // A ratio on paper: no amount comes back from it.
  const span = Number(top - low) || 1;
  const zero = y + LABEL_ROOM + (Number(top) / span) * room;
  const step = width / months.length;
  for (const [at, one] of earned.entries()) {
    const tall = (Number(one < 0n ? -one : one) / span) * room;
    const left = x + at * step + step * 0.18;
    if (tall > 0)
      canvas.box(
        left,
        one < 0n ? zero : zero - tall,
        step * 0.64,
        tall,
        at === earned.length - 1 ? colour : tinted(colour),
      );
    const label = monthText(months[at]!.month);
    canvas.text(x + (at + 0.5) * step - canvas.width(label, LABEL) / 2, y + height - LABEL_ROOM + 1.5, label, LABEL);
  }
  canvas.rule(x, zero, width, RULE);
  if (top > 0n) {
    const at = earned.indexOf(top);
    const label = amountText(top, currency);
    const wide = canvas.width(label, LABEL);
    const middle = x + (at + 0.5) * step - wide / 2;
    canvas.text(Math.max(x, Math.min(middle, x + width - wide)), y, label, LABEL);
  }
}

/** What is told of it to whoever does not see it. */
export function chartInWords(months: readonly StatementMonth[], currency: string): string {
  return `Earned by month in ${currency}: ${months.map(({ month, earned }) => `${month} ${amountText(BigInt(earned), currency)}`).join(', ')}`;
}

function tinted(colour: string): string {
  const lighter = [1, 3, 5].map((at) => Math.floor(parseInt(colour.slice(at, at + 2), 16) * 0.45 + 255 * 0.55));
  return `#${lighter.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
