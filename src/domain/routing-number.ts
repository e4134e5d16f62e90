/** Whether the text is a routing number of the ABA: nine digits, weighed 3, 7, 1, 3, … to a multiple of ten. */
export function isRoutingNumber(text: string): boolean {
  if (!/^\d{9}$/.test(text) || text === '000000000') return false;
  const sum = [...text].reduce((soFar, digit, index) => soFar + Number(digit) * [3, 7, 1][index % 3]!, 0);
  return sum % 10 === 0;
}
