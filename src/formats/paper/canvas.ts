import type PDFDocument from 'pdfkit';
import { piecesOf, widthOf } from './lines.ts';
import type { Typefaces, Weight } from './typefaces.ts';

type Document = InstanceType<typeof PDFDocument>;
/** A part of the document's structure, as screen readers follow it. */
export type Element = ReturnType<Document['struct']>;

export interface Style {
  readonly size: number;
  readonly weight?: Weight;
  readonly colour: string;
}

/** A document as the pages need it: lines of text in any direction, and boxes; each a part of its structure, or for the eye alone. */
export interface Canvas {
  readonly document: Document;
  /** With its left edge at x, and its letters hanging from y. */
  text(x: number, y: number, line: string, style: Style): void;
  textRight(right: number, y: number, line: string, style: Style): void;
  width(line: string, style: Style): number;
  box(x: number, y: number, width: number, height: number, colour: string): void;
  rule(x: number, y: number, width: number, colour: string, weight?: number): void;
  /** Adds to the structure what `draw` draws. */
  element(parent: Element, type: string, draw: () => void, options?: Readonly<Record<string, unknown>>): void;
  /** An element that gets others. */
  group(parent: Element | null, type: string, options?: Readonly<Record<string, unknown>>): Element;
  /** Repetition and decoration. */
  artifact(draw: () => void): void;
}

export function canvasOf(document: Document, typefaces: Typefaces): Canvas {
  // Typed for files; a parsed font is taken as well, and then parsed once for all documents.
  for (const { name, font } of typefaces.all) document.registerFont(name, font as never);
  const width = (line: string, { size, weight = 'regular' }: Style) => widthOf(typefaces, weight, size, line);
  const text = (x: number, y: number, line: string, { size, weight = 'regular', colour }: Style) => {
    document.fillColor(colour);
    for (const { typeface, read, text: part, leftward } of piecesOf(typefaces, weight, line)) {
      document.font(typeface.name, size);
      if (leftward) document.markContent('Span', { actual: read });
      // Features, be it none, keep pdfkit from laying out word by word, which would reverse the words of such a line.
      const features = leftward ? { features: [] } : {};
      const wide = typeface.width(part, size);
      // From one base line, whatever font it is in; as wide as it was measured, or pdfkit measures again.
      const measured = { textWidth: wide, wordCount: 1 };
      document.text(part, x, y + size, { lineBreak: false, baseline: 'alphabetic', ...measured, ...features });
      if (leftward) document.endMarkedContent();
      x += wide;
    }
  };
  return {
    document,
    text,
    width,
    textRight: (right, y, line, style) => text(right - width(line, style), y, line, style),
    box: (x, y, wide, high, colour) => void document.rect(x, y, wide, high).fill(colour),
    rule: (x, y, wide, colour, weight = 0.5) =>
      void document
        .moveTo(x, y)
        .lineTo(x + wide, y)
        .lineWidth(weight)
        .stroke(colour),
    element: (parent, type, draw, options = {}) => void parent.add(document.struct(type as never, options, [draw])),
    group(parent, type, options = {}) {
      const element = document.struct(type as never, options);
      if (parent === null) document.addStructure(element);
      else parent.add(element);
      return element;
    },
    artifact(draw) {
      document.markContent('Artifact', { type: 'Layout' });
      draw();
      document.endMarkedContent();
    },
  };
}
