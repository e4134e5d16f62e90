/** Colours of a paper. A brand's own is used as it is for areas, and darkened for text until it can be read on white. */

export const INK = '#1b2430';
export const FAINT = '#5b6675';
export const RULE = '#c9d0d8';
export const SHADE = '#f2f5f8';
export const WATERMARK = '#e8ecf0';

/** WCAG 2.2, 1.4.3: text stands out from its ground by 4.5 to 1. */
const LEAST_CONTRAST = 4.5;

export function readableOnWhite(colour: string): string {
  let channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  while (1.05 / (luminance(channels) + 0.05) < LEAST_CONTRAST)
    channels = channels.map((value) => Math.floor(value * 0.9));
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function luminance(channels: readonly number[]): number {
  const [red, green, blue] = channels.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
