import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Font, GlyphRun } from 'fontkit';

/**
 * The fonts that a statement is printed in. They are parsed once for a batch: what pdfkit embeds is cut out of them for
 * each document, and the widths of what was laid out before are remembered.
 */

export type Weight = 'regular' | 'bold';

/** One font file, as a line of text needs it. */
export interface Typeface {
  /** A name that a document knows it by. */
  readonly name: string;
  /** What pdfkit embeds. */
  readonly font: Font;
  covers(codePoint: number): boolean;
  /** Of text in one direction, in points. */
  width(text: string, size: number): number;
}

export interface Typefaces {
  readonly all: readonly Typeface[];
  /** In the order in which they are asked for a character: Latin, Greek and Cyrillic before Arabic. */
  of(weight: Weight): readonly Typeface[];
}

// The packages carry these files and say so; a bundle leaves them where they are.
const FILES: Readonly<Record<Weight, readonly string[]>> = {
  regular: [
    '@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf',
    '@expo-google-fonts/noto-sans-arabic/400Regular/NotoSansArabic_400Regular.ttf',
  ],
  bold: [
    '@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf',
    '@expo-google-fonts/noto-sans-arabic/700Bold/NotoSansArabic_700Bold.ttf',
  ],
};

/** Reads and parses the fonts. */
export async function openTypefaces(): Promise<Typefaces> {
  const { create } = await import('fontkit');
  const require = createRequire(import.meta.url);
  const open = (file: string) => typefaceOf(create(readFileSync(require.resolve(file))) as Font);
  const opened = { regular: FILES.regular.map(open), bold: FILES.bold.map(open) };
  return { all: [...opened.regular, ...opened.bold], of: (weight) => opened[weight] };
}

/** Scripts of the first font whose letters stand side by side as they are: kerning is all that a pair of them asks for. */
export const UNJOINED =
  /^[\u0020-\u007e\u00a0-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u20bf\u2100-\u22ff]*$/;

/**
 * A font that lays out the scripts of `UNJOINED` by itself, glyph by glyph with the kerning of each pair, and leaves what
 * has to be shaped to fontkit. Statements are made of words that come once, and shaping each costs more than all else.
 */
function typefaceOf(font: Font): Typeface {
  const glyphs = new Map<string, GlyphRun['glyphs'][number]>();
  const glyphOf = (letter: string) => {
    let found = glyphs.get(letter);
    if (found === undefined) glyphs.set(letter, (found = font.glyphForCodePoint(letter.codePointAt(0)!)));
    return found;
  };
  const kerns = new Map<string, number>();
  const kernOf = (pair: string) => {
    let found = kerns.get(pair);
    if (found === undefined) {
      const run = font.layout(pair);
      found = run.glyphs.length === 2 ? run.positions[0]!.xAdvance - run.glyphs[0]!.advanceWidth : 0;
      kerns.set(pair, found);
    }
    return found;
  };
  const sideBySide = (text: string) => {
    const run = { glyphs: [] as GlyphRun['glyphs'], positions: [] as GlyphRun['positions'], advanceWidth: 0 };
    let before = '';
    for (const letter of text) {
      const glyph = glyphOf(letter);
      const kern = before === '' ? 0 : kernOf(before + letter);
      if (kern !== 0) run.positions.at(-1)!.xAdvance += kern;
      run.glyphs.push(glyph);
      run.positions.push({ xAdvance: glyph.advanceWidth, yAdvance: 0, xOffset: 0, yOffset: 0 });
      run.advanceWidth += glyph.advanceWidth + kern;
      before = letter;
    }
    return run;
  };
  const layout = (text: string) => (UNJOINED.test(text) ? sideBySide(text) : font.layout(text));
  const widths = new Map<string, number>();
  return {
    name: font.postscriptName,
    font: Object.create(font, { layout: { value: layout } }) as Font,
    covers: (codePoint) => font.hasGlyphForCodePoint(codePoint),
    width(text, size) {
      let found = widths.get(text);
      if (found === undefined) {
        // What comes once in a batch of thousands of statements is not worth keeping.
        if (widths.size > MOST_WIDTHS) widths.clear();
        widths.set(text, (found = layout(text).advanceWidth / font.unitsPerEm));
      }
      return found * size;
    },
  };
}

const MOST_WIDTHS = 20_000;
