/** An element as it is to be written; what is null is left out. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: string | readonly (XmlElement | null)[];
}

export function element(
  name: string,
  content: string | readonly (XmlElement | null)[],
  attributes: Readonly<Record<string, string>> = {},
): XmlElement {
  return { name, content, attributes };
}

/** The same, left out where there is nothing to say. */
export function maybeElement(name: string, text: string | null): XmlElement | null {
  return text === null ? null : element(name, text);
}

/** A document in UTF-8, an element a line, so that a person can read what is signed. */
export function writeXml(root: XmlElement): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
  writeElement(root, '', lines);
  return `${lines.join('\n')}\n`;
}

function writeElement({ name, attributes, content }: XmlElement, indent: string, lines: string[]): void {
  const said = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  const opening = `${indent}<${name}${said.join('')}>`;
  if (typeof content === 'string') {
    lines.push(`${opening}${escaped(content)}</${name}>`);
    return;
  }
  lines.push(opening);
  for (const child of content) if (child !== null) writeElement(child, `${indent}  `, lines);
  lines.push(`${indent}</${name}>`);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => ENTITIES[mark]!);
}
