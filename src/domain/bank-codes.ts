/**
 * Whether the text is an IBAN, written without spaces: its check digits are those of ISO 13616 (mod 97). How long one is
 * in which country is asked where a country's accounts are paid.
 */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  const digits = `${text.slice(4)}${text.slice(0, 4)}`.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(digits) % 97n === 1n;
}

/** Whether the text is a BIC of ISO 9362: 8 or 11 characters, the country in the middle. */
export function isBic(text: string): boolean {
  return /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/.test(text);
}

/** Whether the text is a routing number of the ABA: nine digits, weighed 3, 7, 1, 3, … to a multiple of ten. */
export function isRoutingNumber(text: string): boolean {
  if (!/^\d{9}$/.test(text) || text === '000000000') return false;
  const sum = [...text].reduce((soFar, digit, index) => soFar + Number(digit) * [3, 7, 1][index % 3]!, 0);
  return sum % 10 === 0;
}
