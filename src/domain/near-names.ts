/**
 * What somebody may have meant by a name that does not exist: a code, a command or a key of a file. A suggestion is a
 * help to a person and never acted upon.
 */

/** At most `limit` of the candidates, the nearest first; none where nothing is near enough to be a slip. */
export function nearNames(wanted: string, candidates: Iterable<string>, limit = 3): string[] {
  const typed = wanted.toLowerCase();
  // One slip in three characters is a slip; more is another word.
  const tolerance = Math.max(1, Math.floor(typed.length / 3));
  const near: { name: string; distance: number }[] = [];
  for (const name of new Set(candidates)) {
    const distance = slips(typed, name.toLowerCase(), tolerance);
    const begun = typed.length >= 2 && name.toLowerCase().startsWith(typed);
    if (distance <= tolerance || begun) near.push({ name, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, limit).map(({ name }) => name);
}

/** A hint that offers the near names, or undefined where there are none. */
export function didYouMean(wanted: string, candidates: Iterable<string>): string | undefined {
  const near = nearNames(wanted, candidates);
  return near.length === 0 ? undefined : `did you mean ${near.map((name) => `'${name}'`).join(' or ')}?`;
}

/** A hint for a code that nothing is near to: where the codes of a noun are read, or how a product comes to be known. */
export function whereToLook(noun: string): string {
  if (noun === 'product')
    return 'a product becomes known by a sale of it, or by a rule of its own: `rule set --product`';
  if (noun === 'source') return '`revshare revenue list` shows which there are';
  return `\`revshare ${noun === 'meter' ? 'price-book' : noun} list\` shows what there is`;
}

/** Letters left out, added, changed or swapped with their neighbour (Damerau's distance in its restricted form). */
function slips(a: string, b: string, tolerance: number): number {
  if (Math.abs(a.length - b.length) > tolerance) return Infinity;
  let earlier: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(changed, previous[j]! + 1, current[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, earlier[j - 2]! + 1);
      }
      current.push(best);
    }
    earlier = previous;
    previous = current;
  }
  return previous[b.length]!;
}
