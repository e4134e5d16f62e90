/** How money leaves. One interface, one file per rail; a rail is handed what the books have already taken out. */
export interface RailPayout {
  readonly number: string;
  readonly partner: string;
  readonly partnerName: string;
  readonly currency: string;
  /** Minor units as decimal integers. */
  readonly gross: string;
  readonly withheld: string;
  readonly fee: string;
  readonly sent: string;
}

export interface RailBatch {
  readonly programme: string;
  /** In the order in which they are to be paid. */
  readonly payouts: readonly RailPayout[];
}

/** `Receipt` is what the rail gives back at once: a file for a person, or a bank's answer. */
export interface Rail<Receipt> {
  readonly name: string;
  send(batch: RailBatch): Receipt;
}
