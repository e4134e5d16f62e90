import bidiFactory, { type Bidi } from 'bidi-js';
import { UNJOINED, type Typeface, type Typefaces, type Weight } from './typefaces.ts';

/** A part of a line that one font draws in one direction. */
export interface Piece {
  readonly typeface: Typeface;
  /** As it is read. */
  readonly read: string;
  /** As it is drawn: what is read from right to left has its brackets mirrored. */
  readonly text: string;
  readonly leftward: boolean;
}

// A function, which its types tell as that of an ES module only.
const bidi = (bidiFactory as unknown as () => Bidi)();

/** What is read from right to left, or says so. */
const LEFTWARD = /[\u0590-\u08ff\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** What joins letters, keeps them apart or isolates them, and is not seen. */
const UNSEEN = /[\u200c\u200d\u2066-\u2069]/;

/** A name inside of a sentence: its direction is its own business. */
export const isolated = (name: string): string => `\u2068${name}\u2069`;

/** The parts of a line from left to right, as they are seen (Unicode's bidirectional algorithm). */
export function piecesOf(typefaces: Typefaces, weight: Weight, line: string): Piece[] {
  const fonts = typefaces.of(weight);
  if (UNJOINED.test(line)) return line === '' ? [] : [{ typeface: fonts[0]!, read: line, text: line, leftward: false }];
  const levels = LEFTWARD.test(line) ? bidi.getEmbeddingLevels(line, 'auto') : null;
  const order = levels === null ? [...line].flatMap(unitsFrom()) : bidi.getReorderedIndices(line, levels);
  const level = (at: number) => levels?.levels[at] ?? 0;
  const pieces: Piece[] = [];
  let from = -1;
  let to = -1;
  let typeface = fonts[0]!;
  const end = () => {
    if (from === -1) return;
    const leftward = level(from) % 2 === 1;
    const read = line.slice(from, to + 1).replace(/[\u2066-\u2069]/g, '');
    if (read !== '') pieces.push({ typeface, read, text: leftward ? mirrored(read) : read, leftward });
    from = -1;
  };
  for (const at of order) {
    const font = fontOf(fonts, line, at, typeface);
    const goesOn = from !== -1 && font === typeface && level(at) === level(from) && (at === to + 1 || at === from - 1);
    if (!goesOn) {
      end();
      [from, to, typeface] = [at, at, font];
    } else if (at > to) to = at;
    else from = at;
  }
  end();
  return pieces;
}

/** Positions of the code units of one letter after the other. */
function unitsFrom(): (letter: string) => number[] {
  let at = 0;
  return (letter) => Array.from(letter, () => at++);
}

function mirrored(text: string): string {
  return [...text].map((letter) => bidi.getMirroredCharacter(letter) ?? letter).join('');
}

/** The font of a letter: the one at hand if it knows it, so that spaces and digits do not cut a name in pieces. */
function fontOf(fonts: readonly Typeface[], line: string, at: number, current: Typeface): Typeface {
  const unit = line.charCodeAt(at);
  const codePoint = unit >= 0xdc00 && unit <= 0xdfff ? line.codePointAt(at - 1)! : line.codePointAt(at)!;
  if (UNSEEN.test(line[at]!) || current.covers(codePoint)) return current;
  return fonts.find((font) => font.covers(codePoint)) ?? current;
}

/** The first letter that no font has; null where all can be printed. */
export function missingLetter(typefaces: Typefaces, text: string): string | null {
  const fonts = typefaces.of('regular');
  for (const letter of text) {
    if (!UNSEEN.test(letter) && !fonts.some((font) => font.covers(letter.codePointAt(0)!))) return letter;
  }
  return null;
}

export function widthOf(typefaces: Typefaces, weight: Weight, size: number, line: string): number {
  if (UNJOINED.test(line)) return typefaces.of(weight)[0]!.width(line, size);
  return piecesOf(typefaces, weight, line).reduce((sum, { typeface, text }) => sum + typeface.width(text, size), 0);
}

/**
 * A text in lines no wider than `most`, broken at spaces, or within a word that is wider than a line by itself. The last
 * line of `lines` ends in an ellipsis where there would be more.
 */
export function wrapped(
  measure: (line: string) => number,
  text: string,
  most: number,
  lines = Number.MAX_SAFE_INTEGER,
): string[] {
  if (measure(text) <= most) return [text];
  const done: string[] = [];
  let line = '';
  for (const [first, ...rest] of text.split(' ').map((word) => brokenWord(measure, word, most))) {
    const longer = line === '' ? first! : `${line} ${first!}`;
    if (measure(longer) <= most) line = longer;
    else {
      done.push(line);
      line = first!;
    }
    for (const part of rest) {
      done.push(line);
      line = part;
    }
  }
  done.push(line);
  if (done.length <= lines) return done;
  let last = done[lines - 1]!;
  while (last !== '' && measure(`${last}…`) > most) last = [...last].slice(0, -1).join('');
  return [...done.slice(0, lines - 1), `${last}…`];
}

/** Broken after one of the marks that join parts of a number, where there is one. */
function brokenWord(measure: (line: string) => number, word: string, most: number): string[] {
  if (measure(word) <= most) return [word];
  const parts: string[] = [];
  let part = '';
  for (const letter of word) {
    if (part !== '' && measure(part + letter) > most) {
      const [, upToMark = part] = /^(.{4,}[-/_.:]).+$/u.exec(part) ?? [];
      parts.push(upToMark);
      part = part.slice(upToMark.length);
    }
    part += letter;
  }
  return [...parts, part];
}
