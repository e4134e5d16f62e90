/** Making a table fit a terminal: which columns stay, and how wide each is. Pure; nothing is printed here. */
import stringWidth from 'string-width';
import type { Column } from './columns.ts';

export const GAP = 2;
/** A text is never cut below this, or it says nothing. */
const NARROWEST = 10;
const ELLIPSIS = '…';

export interface Fit {
  /** Positions of the columns that stay, and how wide each is. */
  readonly shown: readonly { readonly at: number; readonly width: number }[];
  /** Positions of those that do not. */
  readonly hidden: readonly number[];
}

/**
 * First the widest texts are cut, then columns are left out: those declared `aside`, then the others, from the right.
 * Never left out are the first column, by which a row is called, and money with its currency, unless declared `aside`;
 * codes, dates and money are whole or not there. Where even that is too wide, the terminal wraps it.
 */
export function fitColumns<R>(
  columns: readonly Column<R>[],
  natural: readonly number[],
  least: readonly number[],
  room: number | null,
): Fit {
  const order = leavingOrder(columns);
  const hidden: number[] = [];
  for (;;) {
    const shown = columns.map((_, at) => at).filter((at) => !hidden.includes(at));
    const widths = shown.map((at) => natural[at]!);
    if (room !== null) cutTexts(columns, shown, widths, least, room);
    const next = order[hidden.length];
    if (room === null || totalWidth(widths) <= room || next === undefined) {
      return { shown: shown.map((at, index) => ({ at, width: widths[index]! })), hidden: hidden.sort((a, b) => a - b) };
    }
    hidden.push(next);
  }
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);
}

function cutTexts<R>(
  columns: readonly Column<R>[],
  shown: readonly number[],
  widths: number[],
  least: readonly number[],
  room: number,
): void {
  const floor = (index: number) => Math.max(NARROWEST, least[shown[index]!]!);
  for (let over = totalWidth(widths) - room; over > 0; over = totalWidth(widths) - room) {
    const texts = widths
      .map((_, index) => index)
      .filter((index) => columns[shown[index]!]!.kind === 'text' && widths[index]! > floor(index))
      .sort((a, b) => widths[b]! - widths[a]!);
    const [widest, second] = texts;
    if (widest === undefined) return;
    // Down to the next widest at most, so that two long texts share what is missing.
    const down = second === undefined || widths[second] === widths[widest] ? 1 : widths[widest]! - widths[second]!;
    const alone = second === undefined ? over : Math.min(over, down);
    widths[widest] = Math.max(floor(widest), widths[widest]! - alone);
  }
}

/** Which columns may be left out, the least important first. */
function leavingOrder<R>(columns: readonly Column<R>[]): number[] {
  const isMoney = columns.some(({ kind }) => kind === 'money');
  const mayGo = columns
    .map((_, at) => at)
    .filter((at) => at > 0)
    .reverse();
  const stays = ({ kind, name }: Column<R>) =>
    kind === 'money' || kind === 'amounts' || (isMoney && name === 'currency');
  return [
    ...mayGo.filter((at) => columns[at]!.aside),
    ...mayGo.filter((at) => !columns[at]!.aside && !stays(columns[at]!)),
  ];
}

/** How many cells of a terminal a text takes: two for wide characters, none for marks that join the one before. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

let segmenter: Intl.Segmenter | undefined;

/** Made when a text is first cut: it takes a tenth of a command's start, and most commands cut nothing. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** The text, or as much of its beginning as fits before an ellipsis; what a reader sees as one character stays whole. */
export function ellipsize(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let taken = displayWidth(ELLIPSIS);
  for (const { segment } of graphemesOf(text)) {
    taken += displayWidth(segment);
    if (taken > width) break;
    kept += segment;
  }
  return `${kept.trimEnd()}${ELLIPSIS}`;
}
