/**
 * What banks' networks print: most refuse a file over one letter they do not know. So letters are written in plain Latin
 * as the European Payments Council maps them (EPC217-08), and whoever asks is told of every text that was changed.
 */
export interface LatinText {
  readonly text: string;
  /** Characters that have no Latin writing here, each once; they are missing from `text`. */
  readonly unknown: readonly string[];
}

/** Plain letters, digits and the marks of ASCII; white space, also a line's end, is one space. */
export function toAscii(text: string): LatinText {
  const unknown = new Set<string>();
  const written = [...text.normalize('NFC')].map((one, index, all) => {
    if (/[\x20-\x7e]/.test(one)) return one;
    const found = latinOf(one, /\p{Lu}/u.test(one) && !/\p{Ll}/u.test(all[index + 1] ?? ''));
    if (found === null) unknown.add(one);
    return found ?? '';
  });
  return { text: written.join('').replace(/ {2,}/g, ' ').trim(), unknown: [...unknown] };
}

/** The set that every SEPA bank takes: letters, digits, space and / - ? : ( ) . , ' +; no slash at an end, nor two in a row. */
export function toSepa(text: string): LatinText {
  const { text: ascii, unknown } = toAscii(text);
  const written = ascii.replace(/[^A-Za-z0-9/\-?:().,'+ ]/g, (mark) => SEPA_MARKS[mark] ?? '.');
  return { text: written.replace(/\/{2,}/g, '/').replace(/^[/ ]+|[/ ]+$/g, ''), unknown };
}

const SEPA_MARKS: Readonly<Record<string, string>> = {
  '&': '+',
  _: '-',
  '~': '-',
  ';': ',',
  '`': "'",
  '[': '(',
  '{': '(',
  ']': ')',
  '}': ')',
  '|': '/',
  '\\': '/',
};

/** Letters that are no Latin letter with a mark on it; of capitals and small ones the small. */
const LETTERS: Readonly<Record<string, string>> = {
  ...pairs('ß ss æ ae œ oe ø o đ d ð d þ th ł l ħ h ŧ t ŋ n ĸ k ı i ə e'),
  ...pairs('α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o'),
  ...pairs('а a б b в v г g д d е e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х h ц ts ч ch ш sh'),
  ...pairs('щ sht ъ a ь y ю yu я ya ы y э e і i є ye ґ g ђ dj ј j љ lj њ nj ћ c џ dz'),
  ...pairs(
    '‘ \' ’ \' ‚ \' ‛ \' ′ \' “ " ” " „ " « " » " ‐ - ‑ - ‒ - – - — - ― - − - • . · . × x ÷ : € EUR £ GBP ¥ JPY',
  ),
};

function pairs(written: string): Record<string, string> {
  const words = written.split(' ');
  return Object.fromEntries(
    words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? ''] as const] : [])),
  );
}

/** `loud`: among capitals, where Θ is TH and not Th. */
function latinOf(one: string, loud: boolean): string | null {
  if (/[\s\p{Cc}\p{Z}]/u.test(one)) return ' ';
  if (/[\p{Cf}\p{M}]/u.test(one)) return '';
  const known = LETTERS[one] ?? LETTERS[one.toLowerCase()];
  if (known !== undefined) {
    if (!/\p{Lu}/u.test(one)) return known;
    return loud ? known.toUpperCase() : `${known[0]!.toUpperCase()}${known.slice(1)}`;
  }
  const parts = [...one.normalize('NFKD').replace(/\p{M}/gu, '')];
  if (parts.length === 0 || parts.join('') === one) return null;
  const letters = parts.map((part) => (/[\x20-\x7e]/.test(part) ? part : latinOf(part, loud)));
  return letters.includes(null) ? null : letters.join('');
}
