/** A leg is a share of a sale: attribution slot × 16 + override level. Source: SEMANTICS §4. */

/** Legs of one attribution slot: the own share and as many override levels as a slot may have. */
export const LEGS_PER_SLOT = 16;

/** The override level of a leg; 0 is the own share. */
export function levelOf(leg: number): number {
  return leg % LEGS_PER_SLOT;
}

/** The attribution slot of a leg. */
export function slotOf(leg: number): number {
  return Math.floor(leg / LEGS_PER_SLOT);
}
