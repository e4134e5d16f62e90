/**
 * How a story names a rule: rating knows identities and nothing else, and people read codes. A mention stands in the text as
 * «rule 12», or «rule 12 and its scope» where the rule is introduced, until somebody who knows its name puts that there.
 */
export function mention(rule: { readonly id: number }): string {
  return `«rule ${rule.id}»`;
}

/** The same, where people first meet the rule. */
export function introduction(rule: { readonly id: number }): string {
  return `«rule ${rule.id} and its scope»`;
}

const MENTION = /«rule (\d+)( and its scope)?»/g;

/** The rule versions that a text mentions, as often as it does. */
export function mentionedIn(text: string): number[] {
  return [...text.matchAll(MENTION)].map((match) => Number(match[1]));
}

/** The text with names in the place of mentions. */
export function withNames(text: string, nameOf: (ruleVersionId: number, introduced: boolean) => string): string {
  return text.replace(MENTION, (_, id: string, scope: string | undefined) => nameOf(Number(id), scope !== undefined));
}
