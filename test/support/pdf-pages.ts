import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** A PDF as somebody else reads it. */
export interface ReadPdf {
  readonly title: string | undefined;
  readonly author: string | undefined;
  readonly language: string | null;
  readonly tagged: boolean;
  /** The words of each page, a line of them at one height. */
  readonly pages: readonly (readonly string[])[];
  readonly width: number;
  readonly height: number;
}

export async function readPdf(bytes: Uint8Array): Promise<ReadPdf> {
  const document = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
  const { info } = (await document.getMetadata()) as {
    info: { Title?: string; Author?: string; Language?: string | null };
  };
  const pages: string[][] = [];
  const first = (await document.getPage(1)).getViewport({ scale: 1 });
  for (let number = 1; number <= document.numPages; number += 1) {
    const { items } = await (await document.getPage(number)).getTextContent();
    const lines = new Map<number, { x: number; text: string }[]>();
    for (const item of items) {
      if (!('str' in item) || item.str.trim() === '') continue;
      const y = Math.round(item.transform[5] as number);
      lines.set(y, [...(lines.get(y) ?? []), { x: item.transform[4] as number, text: item.str }]);
    }
    const told = [...lines].sort(([a], [b]) => b - a);
    pages.push(
      told.map(([, words]) =>
        words
          .sort((a, b) => a.x - b.x)
          .map(({ text }) => text)
          .join(' '),
      ),
    );
  }
  const mark = (await document.getMarkInfo()) as { Marked?: boolean } | null;
  const read = {
    title: info.Title,
    author: info.Author,
    language: info.Language ?? null,
    tagged: mark?.Marked === true,
    pages,
  };
  await document.destroy();
  return { ...read, width: first.width, height: first.height };
}
