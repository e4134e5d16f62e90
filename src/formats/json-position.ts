/**
 * Where a text stops being JSON: the index of the first character that cannot stand there, its length when it ends too
 * soon. V8 tells only for some mistakes, and not the same in every version of Node. Only for text that JSON.parse has
 * refused: nothing here is fast.
 */
export function jsonErrorAt(text: string): number {
  const at = skipValue(text, skipSpace(text, 0));
  return at.failed ? at.index : skipSpace(text, at.index);
}

interface Position {
  readonly index: number;
  readonly failed: boolean;
}

const failed = (index: number): Position => ({ index, failed: true });
const passed = (index: number): Position => ({ index, failed: false });

function skipSpace(text: string, from: number): number {
  let index = from;
  while (' \t\r\n'.includes(text[index] ?? 'x')) index += 1;
  return index;
}

function skipValue(text: string, from: number): Position {
  const first = text[from];
  if (first === '{') return skipMembers(text, from + 1, '}', skipMember);
  if (first === '[') return skipMembers(text, from + 1, ']', skipValue);
  return first === '"' ? skipString(text, from) : skipPattern(text, from);
}

function skipMembers(
  text: string,
  from: number,
  close: string,
  skip: (text: string, from: number) => Position,
): Position {
  let index = skipSpace(text, from);
  if (text[index] === close) return passed(index + 1);
  for (;;) {
    const member = skip(text, skipSpace(text, index));
    if (member.failed) return member;
    index = skipSpace(text, member.index);
    if (text[index] === close) return passed(index + 1);
    if (text[index] !== ',') return failed(index);
    index += 1;
  }
}

function skipMember(text: string, from: number): Position {
  const key = text[from] === '"' ? skipString(text, from) : failed(from);
  if (key.failed) return key;
  const colon = skipSpace(text, key.index);
  return text[colon] === ':' ? skipValue(text, skipSpace(text, colon + 1)) : failed(colon);
}

function skipString(text: string, from: number): Position {
  for (let index = from + 1; index < text.length; index += 1) {
    const character = text[index]!;
    if (character === '"') return passed(index + 1);
    if (character < ' ') return failed(index);
    if (character !== '\\') continue;
    const escape = /^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(index + 1, index + 6));
    if (escape === null) return failed(index + 1);
    index += escape[0].length;
  }
  return failed(text.length);
}

/** A number or a word; where it breaks off, the first character that does not continue one. */
function skipPattern(text: string, from: number): Position {
  const word = ['true', 'false', 'null'].find((one) => text.startsWith(one, from));
  if (word !== undefined) return passed(from + word.length);
  const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(text.slice(from, from + 400));
  return number === null ? failed(from) : passed(from + number[0].length);
}
